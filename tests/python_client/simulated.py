"""Simulators that a test starts for itself, and Stripe's client of one of them."""

import contextlib
import os
import subprocess

import stripe

KEY = "rk_test_sim"


@contextlib.contextmanager
def started(flags, stderr):
    """A process that serves a month of a small world; its first line on stdout is its address."""
    command = [os.environ["TIEOUT"], "sim", "serve", "--port", "0", "--seed", "3", "--days", "30", "--until", "2026-06-30"]
    with subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, stderr=stderr, text=True) as server:
        try:
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def simulator(*flags):
    """The address of a simulator of its own."""
    with started(flags, subprocess.DEVNULL) as server:
        yield server.stdout.readline().strip()


@contextlib.contextmanager
def simulator_with_webhooks(url, *flags):
    """The address of a simulator that delivers its last three days to `url`, an hour in a second, and its signing secret."""
    running = ["--clock-rate", "3600", "--clock-from", "2026-06-28", "--webhook-url", url]
    with started([*running, *flags], subprocess.PIPE) as server:
        base = server.stdout.readline().strip()
        secrets = (line.partition("signed with ")[2].strip() for line in server.stderr)
        yield base, next(secret for secret in secrets if secret)


def client(base, key=KEY, **options):
    made = stripe.StripeClient(key, base_addresses={"api": base}, **options)
    return getattr(made, "v1", made)


def ids(objects):
    return [o.id for o in objects]
