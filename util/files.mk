# Objects of util/, one per line.
