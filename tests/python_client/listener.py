"""A small receiver of webhooks that refuses some first deliveries."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# How long a test waits for what must come: long enough for a machine that has other things to do.
PATIENCE_SECONDS = 120
# One in so many events is refused when it comes first.
REFUSED = 3


class Listener:
    """Remembers what was delivered, in order, each with its signature and whether it was accepted."""

    def __init__(self):
        self.deliveries = []
        self.changed = threading.Condition()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                accepted = listener.take(body, self.headers["Stripe-Signature"])
                self.send_response(200 if accepted else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def take(self, body, signature):
        event = json.loads(body)["id"]
        with self.changed:
            known = list(dict.fromkeys(seen for seen, *_ in self.deliveries))
            accepted = event in known or len(known) % REFUSED != 0
            self.deliveries.append((event, body, signature, accepted))
            self.changed.notify_all()
            return accepted

    def wait_for(self, condition):
        """The deliveries so far, once `condition` holds of them."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self.deliveries), timeout=PATIENCE_SECONDS):
                raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain; {len(self.deliveries)} deliveries came")
            return list(self.deliveries)

    def wait_for_retries(self, events):
        """The same once so many events came and of each refused one a delivery was accepted."""

        def enough(deliveries):
            seen = {event for event, *_ in deliveries}
            return len(seen) >= events and seen == {event for event, *_, accepted in deliveries if accepted}

        return self.wait_for(enough)
