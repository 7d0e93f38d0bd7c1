"""Stripe's official Python client, unmodified, against `tieout sim serve`.

Started by run.sh, which sets STRIPE_API_BASE, and TIEOUT for simulators with faults. Everything is asked for over HTTP;
nothing here knows the simulated world but what Stripe's own objects say of each other.
"""

import json
import os
import unittest
import urllib.request
import zlib

import stripe

from simulated import KEY, client, ids, simulator


def setUpModule():
    stripe.api_base = os.environ["STRIPE_API_BASE"]
    stripe.api_key = KEY
    stripe.max_network_retries = 0


class Lists(unittest.TestCase):
    def test_a_page_holds_ten_and_at_most_a_hundred(self):
        self.assertEqual(len(stripe.BalanceTransaction.list().data), 10)
        page = stripe.BalanceTransaction.list(limit=100)
        self.assertEqual(len(page.data), 100)
        self.assertTrue(page.has_more)
        with self.assertRaises(stripe.InvalidRequestError) as refused:
            stripe.BalanceTransaction.list(limit=101)
        self.assertEqual(refused.exception.param, "limit")

    def test_the_auto_pager_sees_everything_once_whatever_the_page_size(self):
        small = ids(stripe.Payout.list(limit=7).auto_paging_iter())
        large = ids(stripe.Payout.list(limit=100).auto_paging_iter())
        self.assertEqual(small, large)
        self.assertEqual(len(small), len(set(small)))
        self.assertGreater(len(small), 20)

    def test_paging_backwards_sees_the_same_reversed(self):
        forwards = ids(stripe.Refund.list(limit=100).auto_paging_iter())
        self.assertGreater(len(forwards), 3)
        backwards = ids(stripe.Refund.list(limit=3, ending_before=forwards[-1]).auto_paging_iter())
        self.assertEqual(backwards, list(reversed(forwards[:-1])))

    def test_lists_are_newest_first(self):
        created = [t.created for t in stripe.BalanceTransaction.list(limit=100).auto_paging_iter()]
        self.assertEqual(created, sorted(created, reverse=True))

    def test_created_narrows_to_whole_seconds(self):
        middle = stripe.Charge.list(limit=50).data[-1].created
        older = [c.created for c in stripe.Charge.list(created={"lt": middle}, limit=100).auto_paging_iter()]
        newer = [c.created for c in stripe.Charge.list(created={"gte": middle}, limit=100).auto_paging_iter()]
        every = [c.created for c in stripe.Charge.list(limit=100).auto_paging_iter()]
        self.assertEqual(newer + older, every)
        self.assertTrue(newer and older)

    def test_an_automatic_payout_is_the_sum_of_its_transactions(self):
        settled = [
            p
            for p in stripe.Payout.list(limit=100).auto_paging_iter()
            if p.automatic and p.reconciliation_status == "completed" and p.status == "paid"
        ]
        self.assertTrue(settled)
        for payout in settled[:10]:
            txns = list(stripe.BalanceTransaction.list(payout=payout.id, limit=100).auto_paging_iter())
            own = [t for t in txns if t.id == payout.balance_transaction]
            self.assertEqual(len(own), 1, payout.id)
            self.assertEqual(own[0].amount, -payout.amount)
            self.assertEqual(sum(t.net for t in txns if t.id != own[0].id), payout.amount, payout.id)

    def test_a_manual_payout_cannot_be_asked_for_its_transactions(self):
        manual = [p for p in stripe.Payout.list(limit=100).auto_paging_iter() if not p.automatic]
        self.assertTrue(manual)
        with self.assertRaisesRegex(stripe.InvalidRequestError, "only be filtered on automatic"):
            stripe.BalanceTransaction.list(payout=manual[0].id)


class Billing(unittest.TestCase):
    """What only a world with subscriptions holds."""

    @classmethod
    def setUpClass(cls):
        cls.world = simulator("--subscriptions", "30")
        cls.service = client(cls.world.__enter__())
        cls.addClassCleanup(cls.world.__exit__, None, None, None)

    def test_a_search_finds_what_the_list_holds(self):
        query = {"query": "total>1000 AND -status:'open'", "limit": 7}
        listed = [
            i for i in self.service.invoices.list({"limit": 100}).auto_paging_iter() if i.total > 1000 and i.status != "open"
        ]
        self.assertGreater(len(listed), 7)
        found = self.service.invoices.search(query)
        self.assertIsInstance(found, stripe.SearchResultObject)
        self.assertEqual(ids(found.auto_paging_iter()), ids(listed))
        counted = self.service.invoices.search({**query, "expand": ["total_count"]})
        self.assertEqual(counted.total_count, len(listed))
        name = self.service.customers.list({"limit": 1}).data[0].email
        self.assertIn(name, [c.email for c in self.service.customers.search({"query": f'email:"{name.upper()}"'}).data])

    def test_a_search_that_stripe_cannot_read_is_refused(self):
        for query in ("total", "total>'a'", "colour:'red'", "total>1 AND total<5 OR total>9"):
            with self.assertRaises(stripe.InvalidRequestError) as refused:
                self.service.invoices.search({"query": query})
            self.assertEqual(refused.exception.param, "query", query)

    def test_lines_of_credit_notes_and_bank_accounts_are_listed_where_they_belong(self):
        note = self.service.credit_notes.list({"limit": 1}).data[0]
        lines = self.service.credit_notes.line_items.list(note.id, {"limit": 2})
        self.assertEqual(sum(line.amount for line in lines.auto_paging_iter()), note.subtotal)
        payout = self.service.payouts.list({"limit": 1}).data[0]
        own = self.service.accounts.retrieve_current().id
        banks = ids(self.service.accounts.external_accounts.list(own, {"object": "bank_account"}).auto_paging_iter())
        self.assertIn(payout.destination, banks)
        self.assertEqual(self.service.accounts.external_accounts.retrieve(own, payout.destination).id, payout.destination)

    def test_schedules_codes_and_plans_are_read_as_stripes_own(self):
        schedules = list(self.service.subscription_schedules.list({"limit": 100}).auto_paging_iter())
        self.assertTrue(schedules)
        governed = [s for s in schedules if s.status == "active"]
        for schedule in governed:
            subscription = self.service.subscriptions.retrieve(schedule.subscription)
            self.assertEqual(subscription.schedule, schedule.id)
        self.assertEqual(self.service.subscription_schedules.retrieve(schedules[0].id), schedules[0])
        code = self.service.promotion_codes.list({"code": "welcome20", "expand": ["data.promotion.coupon"]}).data[0]
        self.assertIsInstance(code, stripe.PromotionCode)
        self.assertIsInstance(code.promotion.coupon, stripe.Coupon)
        plan = self.service.plans.list({"active": True, "limit": 1}).data[0]
        price = self.service.prices.retrieve(plan.id)
        self.assertEqual((plan.product, plan.amount), (price.product, price.unit_amount))

    def test_filters_take_lists_and_refuse_what_cannot_be(self):
        products = ids(self.service.products.list({"limit": 3}).data)
        self.assertEqual(ids(self.service.products.list({"ids": products[:2]}).data), products[:2])
        self.assertEqual(self.service.prices.list({"lookup_keys": ["gold"]}).data, [])
        with self.assertRaisesRegex(stripe.InvalidRequestError, "must be one of draft, open, paid, uncollectible, or void"):
            self.service.invoices.list({"status": "late"})


class Expands(unittest.TestCase):
    def test_a_source_is_expanded_in_a_list(self):
        for txn in stripe.BalanceTransaction.list(type="charge", limit=20, expand=["data.source"]).data:
            self.assertIsInstance(txn.source, stripe.Charge)
            self.assertEqual(txn.source.balance_transaction, txn.id)

    def test_a_path_is_followed_through_several_objects(self):
        txn = stripe.BalanceTransaction.list(type="refund", limit=1, expand=["data.source.charge.balance_transaction"]).data[0]
        self.assertIsInstance(txn.source.charge.balance_transaction, stripe.BalanceTransaction)
        self.assertEqual(txn.source.charge.balance_transaction.source, txn.source.charge.id)

    def test_a_retrieve_expands_too(self):
        charge = stripe.Charge.retrieve(stripe.Charge.list(limit=1).data[0].id, expand=["balance_transaction", "refunds"])
        self.assertIsInstance(charge.balance_transaction, stripe.BalanceTransaction)
        self.assertEqual(charge.refunds.object, "list")

    def test_what_cannot_be_expanded_is_refused(self):
        with self.assertRaisesRegex(stripe.InvalidRequestError, "cannot be expanded"):
            stripe.BalanceTransaction.list(expand=["data.amount"])


class Retrieves(unittest.TestCase):
    def test_every_kind_is_retrieved_as_it_is_listed(self):
        for kind in (stripe.BalanceTransaction, stripe.Payout, stripe.Charge, stripe.Refund, stripe.Dispute):
            listed = kind.list(limit=1).data[0]
            self.assertIsInstance(listed, kind)
            self.assertEqual(kind.retrieve(listed.id), listed)

    def test_the_balance_is_the_sum_of_all_transactions(self):
        balance = stripe.Balance.retrieve()
        told = {}
        for entry in balance.available + balance.pending:
            told[entry.currency] = told.get(entry.currency, 0) + entry.amount
        summed = {}
        for txn in stripe.BalanceTransaction.list(limit=100).auto_paging_iter():
            if txn.balance_type == "payments":
                summed[txn.currency] = summed.get(txn.currency, 0) + txn.net
        for currency in told.keys() | summed.keys():
            self.assertEqual(told.get(currency, 0), summed.get(currency, 0), currency)


class Accounts(unittest.TestCase):
    def test_the_header_acts_on_a_connected_account(self):
        own = stripe.Account.retrieve()
        connected = list(stripe.Account.list(limit=100).auto_paging_iter())
        self.assertTrue(connected)
        self.assertNotIn(own.id, ids(connected))
        theirs = ids(stripe.Payout.list(limit=100, stripe_account=connected[0].id).auto_paging_iter())
        ours = ids(stripe.Payout.list(limit=100).auto_paging_iter())
        self.assertTrue(theirs)
        self.assertFalse(set(theirs) & set(ours))
        self.assertEqual(stripe.Payout.retrieve(theirs[0], stripe_account=connected[0].id).id, theirs[0])
        with self.assertRaises(stripe.InvalidRequestError) as missing:
            stripe.Payout.retrieve(theirs[0])
        self.assertEqual((missing.exception.http_status, missing.exception.code), (404, "resource_missing"))

    def test_an_unknown_account_is_forbidden(self):
        with self.assertRaises(stripe.PermissionError) as refused:
            stripe.Charge.list(stripe_account="acct_unknown")
        self.assertEqual(refused.exception.http_status, 403)


class Errors(unittest.TestCase):
    def test_a_wrong_key_and_a_live_key_are_refused(self):
        for key in ("nonsense", "rk_live_abcdefgh12345678"):
            with self.assertRaisesRegex(stripe.AuthenticationError, "Invalid API Key provided"):
                stripe.Balance.retrieve(api_key=key)

    def test_what_is_missing_says_so(self):
        with self.assertRaises(stripe.InvalidRequestError) as missing:
            stripe.Charge.retrieve("ch_gone")
        error = missing.exception
        self.assertEqual((error.http_status, error.code, error.param), (404, "resource_missing", "id"))
        self.assertTrue(error.request_id.startswith("req_"))

    def test_an_unknown_parameter_is_refused_by_name(self):
        with self.assertRaisesRegex(stripe.InvalidRequestError, "Received unknown parameter: colour"):
            stripe.Charge.list(colour="red")

    def test_nothing_can_be_written(self):
        with self.assertRaises(stripe.StripeError):
            stripe.Payout.create(amount=1, currency="usd")


class Keys(unittest.TestCase):
    def test_a_restricted_key_reads_what_it_says_and_is_told_what_it_lacks(self):
        restricted = {"api_key": "rk_test_only_balance_payout"}
        self.assertTrue(stripe.Payout.list(**restricted).data)
        self.assertTrue(stripe.BalanceTransaction.list(**restricted).data)
        for needed, ask in (
            ("rak_charge_read", lambda: stripe.Refund.list(**restricted)),
            ("rak_dispute_read", lambda: stripe.Dispute.list(**restricted)),
            ("rak_connected_account_read", lambda: stripe.Account.list(**restricted)),
            ("rak_balance_transaction_source_read", lambda: stripe.BalanceTransaction.list(expand=["data.source"], **restricted)),
        ):
            with self.assertRaisesRegex(stripe.PermissionError, f"'{needed}'") as refused:
                ask()
            self.assertEqual(refused.exception.http_status, 403)

    def test_a_key_that_worked_once_is_refused(self):
        with self.assertRaisesRegex(stripe.AuthenticationError, "Expired API Key provided") as refused:
            stripe.Balance.retrieve(api_key="rk_test_expired")
        self.assertEqual(refused.exception.json_body["error"]["code"], "api_key_expired")


class Faults(unittest.TestCase):
    def test_a_gzip_bomb_unfolds_to_hundreds_of_megabytes(self):
        with simulator("--faults", "gzip-bomb:1") as base:
            request = urllib.request.Request(f"{base}/v1/balance", headers={"Authorization": f"Bearer {KEY}"})
            with urllib.request.urlopen(request) as answer:
                self.assertEqual(answer.headers["Content-Encoding"], "gzip")
                small = answer.read()
        self.assertLess(len(small), 300_000)
        # The checksum at the end is checked, too. A piece at a time: nobody has to hold it.
        inflater, length = zlib.decompressobj(zlib.MAX_WBITS | 16), 0
        while not inflater.eof:
            piece = inflater.decompress(small, 1 << 20)
            self.assertEqual(piece.strip(), b"")
            length, small = length + len(piece), inflater.unconsumed_tail
        self.assertGreater(length, 200_000_000)

    def test_retries_read_everything_through_resets_and_refusals(self):
        with simulator() as base:
            whole = ids(client(base).payouts.list({"limit": 100}).auto_paging_iter())
        with simulator("--faults", "reset:0.2,lock-timeout:0.1,409:0.1,503:0.1") as base:
            retrying = client(base, max_network_retries=4)
            self.assertEqual(ids(retrying.payouts.list({"limit": 5}).auto_paging_iter()), whole)
            with urllib.request.urlopen(f"{base}/_sim/requests") as counts:
                self.assertGreater(json.load(counts)["faults"], 0)

    def test_late_rows_come_and_a_missing_row_is_missing_once(self):
        with simulator("--faults", "late-visible:1") as base:
            lists = [ids(client(base).payouts.list({"limit": 10}).data) for _ in range(4)]
            self.assertEqual(lists[0], lists[-1][3:])
        with simulator("--faults", "missing-page-row:1") as base:
            first, again = (set(ids(client(base).payouts.list({"limit": 10}).data)) for _ in range(2))
            self.assertEqual((len(first), len(again), first - again), (9, 10, set()))


class ClientObject(unittest.TestCase):
    def test_the_client_object_reads_as_the_module_does(self):
        client = stripe.StripeClient(KEY, base_addresses={"api": stripe.api_base})
        service = getattr(client, "v1", client)
        self.assertEqual(ids(service.payouts.list({"limit": 5}).data), ids(stripe.Payout.list(limit=5).data))
