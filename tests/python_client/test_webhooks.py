"""Webhooks of a running world, checked and followed with Stripe's official Python client.

Nothing here depends on how fast anything happens: the tests wait until what must come is there.
"""

import unittest

import stripe

from listener import Listener
from simulated import KEY, client, ids, simulator, simulator_with_webhooks

# How many events have to come before a test is content.
EVENTS = 30


def of_account(event):
    """Options to ask for what belongs to the account of an event."""
    return {"stripe_account": event.account} if "account" in event else {}


class Snapshots(unittest.TestCase):
    def test_deliveries_are_signed_come_again_when_refused_and_can_be_followed(self):
        with Listener() as listener, simulator_with_webhooks(listener.url) as (base, secret):
            deliveries = listener.wait_for_retries(EVENTS)
            self.assertTrue(any(not accepted for *_, accepted in deliveries), "something was refused")
            events = {}
            for name, body, signature, _ in deliveries:
                event = stripe.Webhook.construct_event(body, signature, secret)
                self.assertEqual(event.id, name)
                self.assertEqual(events.setdefault(name, event).data, event.data, "a delivery that comes again says the same")
            self.follow(client(base), events.values())
            taken = client(base).events.list({"delivery_success": True, "limit": 100}).data
            self.assertTrue(taken)
            self.assertEqual({event.pending_webhooks for event in taken}, {0})

    def follow(self, service, events):
        """Every event and its object can be asked for."""
        lists = {"charge": service.charges, "payout": service.payouts, "payment_intent": service.payment_intents}
        followed = 0
        for event in events:
            told = service.events.retrieve(event.id, options=of_account(event))
            self.assertEqual((told.type, told.created), (event.type, event.created))
            of_kind = lists.get(event.data.object.object)
            if of_kind:
                found = of_kind.retrieve(event.data.object.id, options=of_account(event))
                self.assertEqual(found.created, event.data.object.created)
                followed += 1
        self.assertGreater(followed, 0)

    def test_a_changed_body_a_wrong_secret_and_another_time_are_refused(self):
        with Listener() as listener, simulator_with_webhooks(listener.url) as (_, secret):
            _, body, signature, _ = listener.wait_for(bool)[0]
            moved = signature.replace("t=", "t=1", 1)
            for refused in ((body + b" ", signature, secret), (body, signature, secret[:-1]), (body, moved, secret)):
                with self.assertRaises(stripe.SignatureVerificationError):
                    stripe.Webhook.construct_event(*refused)


class Thin(unittest.TestCase):
    def test_notifications_are_signed_come_again_when_refused_and_name_their_object(self):
        with Listener() as listener, simulator_with_webhooks(listener.url, "--webhook-payload", "thin") as (base, secret):
            receiver = stripe.StripeClient(KEY, base_addresses={"api": base})
            followed = 0
            for name, body, signature, _ in listener.wait_for_retries(EVENTS):
                notice = receiver.parse_event_notification(body, signature, secret)
                self.assertEqual((notice.id, notice.object), (name, "v2.core.event"))
                told = notice.fetch_event()
                self.assertEqual((told.id, told.type, told.created), (notice.id, notice.type, notice.created))
                self.assertEqual(notice.fetch_related_object().id, notice.related_object.id)
                self.assertEqual(receiver.v2.core.events.retrieve(name, options=self.context(notice)).type, notice.type)
                followed += 1
            self.assertGreaterEqual(followed, EVENTS)

    def context(self, notice):
        return {"stripe_context": notice.context} if notice.context else {}

    def test_the_list_of_notifications_is_paged_and_narrowed(self):
        with simulator() as base:
            events = stripe.StripeClient(KEY, base_addresses={"api": base}).v2.core.events
            paid = list(events.list({"types": ["v1.payout.paid"], "limit": 2}).auto_paging_iter())
            self.assertGreater(len(paid), 4)
            self.assertEqual({event.type for event in paid}, {"v1.payout.paid"})
            snapshots = client(base).events.list({"type": "payout.paid", "limit": 100}).auto_paging_iter()
            self.assertEqual(ids(paid), ids(snapshots))
            since = events.list({"created": {"gte": paid[2].created}, "types": ["v1.payout.paid"]}).data
            self.assertEqual(ids(since), [event.id for event in paid if event.created >= paid[2].created])
