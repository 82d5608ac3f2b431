/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key on a GPIO pin. in 0: a rising edge presses it. out 0: the pin, high while the key is down, for 100 ms. */
#include "config.h"
#include "softmmu/device.h"
#include "util/clock.h"
#include "util/timer.h"

/* Longer than the debounce times of guests. */
#define KEY_DOWN_NS (100 * (int64_t)NS_PER_MS)

/* Owner: the device lock. */
struct gpio_key {
    struct device dev;
    struct timer *up;
    int64_t up_at;           /* 0: the key is up */
};

static void key_up(void *opaque)
{
    struct gpio_key *s = opaque;

    s->up_at = 0;
    irq_set(s->dev.out[0], false);
}

static void gpio_key_input(void *opaque, int n, bool level)
{
    struct gpio_key *s = opaque;

    (void)n;
    if (!level)
        return;
    s->up_at = clock_ns(device_clock(&s->dev)) + KEY_DOWN_NS;
    irq_set(s->dev.out[0], true);
    timer_arm(s->up, s->up_at);
}

static void gpio_key_reset(struct device *dev)
{
    struct gpio_key *s = (struct gpio_key *)dev;

    timer_cancel(s->up);
    key_up(s);
}

static bool gpio_key_realize(struct device *dev, GError **err)
{
    struct gpio_key *s = (struct gpio_key *)dev;

    (void)err;
    device_init_in(dev, gpio_key_input, 1);
    device_init_out(dev, 1);
    s->up = timer_new(device_loop(dev), device_clock(dev), key_up, s);
    return true;
}

static void gpio_key_unrealize(struct device *dev)
{
    timer_free(((struct gpio_key *)dev)->up);
}

static bool gpio_key_post_load(struct device *dev, GError **err)
{
    struct gpio_key *s = (struct gpio_key *)dev;

    (void)err;
    irq_set(dev->out[0], s->up_at != 0);
    if (s->up_at)
        timer_arm(s->up, s->up_at);
    return true;
}

static const struct state_field gpio_key_state[] = { STATE(struct gpio_key, up_at), STATE_END };

static const struct device_type gpio_key_type = {
    .name = "gpio-key", .desc = "key on a GPIO pin", .size = sizeof(struct gpio_key), .state = gpio_key_state,
    .realize = gpio_key_realize, .reset = gpio_key_reset, .unrealize = gpio_key_unrealize,
    .post_load = gpio_key_post_load,
};
DEVICE_REGISTER(gpio_key_type)
