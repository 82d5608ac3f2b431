#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The self-tests that Linux runs on its AArch64 drivers for ciphers and hashes: AES, SHA-1 to SHA-3, PMULL (GHASH, POLYVAL, CRC) and the same
# in plain Advanced SIMD, with known answers. Also RAID 6 syndromes, which the kernel measures. On max, which has all of the instructions.
set -eu
. "$SRC/tests/boot/lib.sh"
debian arm64
initrd=$BUILD/boot/crypto-arm64.gz
log=$BUILD/boot/crypto-arm64.log
drivers="aes-ce ecb-aes-ce cbc-aes-ce ctr-aes-ce xts-aes-ce ccm-aes-ce gcm-aes-ce cmac-aes-ce cts-cbc-aes-neon ecb-aes-neonbs
    xts-aes-neonbs sha1-ce sha256-ce sha256-arm64-neon sha512-ce sha3-256-ce polyval-ce crct10dif-arm64-ce crct10dif-arm64-neon
    chacha20-neon xchacha12-neon poly1305-neon nhpoly1305-neon"
sh "$SRC/tools/make-initramfs.sh" "$initrd" "$guest" "$SRC/tests/boot/crypto-init" ctr cbc ecb xts cts lrw ofb cfb gcm ccm hmac cmac xcbc vmac sha3_generic \
    sha512_generic aes-ce-blk aes-ce-ccm aes-neon-blk aes-neon-bs ghash-ce polyval-ce sha1-ce sha2-ce sha256-arm64 sha512-arm64 sha512-ce \
    sha3-ce chacha-neon poly1305-neon nhpoly1305-neon crct10dif-ce raid6_pq tcrypt
timeout -k 5 200 "$TINAMOU" -M virt -cpu max -m 512 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
    -append "console=ttyAMA0 panic=-1 quiet" </dev/null >"$log.raw" 2>&1 || bad "status $?, see $log.raw"
tr -d '\r' <"$log.raw" >"$log"
grep -q "^CRYPTO end" "$log" || { tail -n 20 "$log"; bad "the guest did not come to its end"; }
for driver in $drivers; do
    grep -qxF "CRYPTO test $driver passed" "$log" || { grep -F "test $driver" "$log" || true; bad "no test of $driver passed"; }
done
if grep -E "^CRYPTO (no module|log .*(alg:|Oops|BUG))|^CRYPTO test .* unknown" "$log"; then
    bad "the kernel's self-tests failed"
fi
grep -q "^CRYPTO log .*raid6: using algorithm" "$log" || bad "no RAID 6 syndromes were made"
echo "$(grep -c "^CRYPTO test .* passed" "$log") algorithms passed their self-tests"
