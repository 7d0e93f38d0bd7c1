// Stripe's official Node client, unmodified, against `tieout sim serve`.
//
// Started by run.sh, which sets TIEOUT. Everything is asked for over HTTP; nothing here knows the simulated world but what
// Stripe's own objects say of each other.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import Stripe from 'stripe';

const KEY = 'rk_test_sim';
const WORLD = ['--seed', '3', '--days', '60', '--per-day', '10', '--accounts', '2', '--until', '2026-06-30'];
const EVERYTHING = { limit: 10_000 };

/** A simulator on a free port, and the address that it prints. */
async function serve(...flags) {
  const server = spawn(process.env.TIEOUT, ['sim', 'serve', '--port', '0', ...WORLD, ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface(server.stdout)) {
    return { server, address: new URL(line) };
  }
  throw new Error(`tieout sim serve ${flags.join(' ')} ended at once`);
}

/** Runs `body` against a simulator of its own. */
async function against(flags, body) {
  const { server, address } = await serve(...flags);
  try {
    return await body(address);
  } finally {
    server.kill();
  }
}

function client({ hostname, port }, { key = KEY, ...options } = {}) {
  return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...options });
}

const all = (list) => list.autoPagingToArray(EVERYTHING);
const ids = (objects) => objects.map((object) => object.id);

let plain;
let stripe;
before(async () => {
  plain = await serve();
  stripe = client(plain.address);
});
after(() => plain?.server.kill());

describe('events and search', () => {
  test('a search is paged by the client', async () => {
    const listed = (await all(stripe.charges.list({ limit: 100 }))).filter((c) => c.amount > 5000 && c.status === 'succeeded');
    assert.ok(listed.length > 7);
    const query = "amount>5000 AND status:'succeeded'";
    assert.deepEqual(ids(await all(stripe.charges.search({ query, limit: 7 }))), ids(listed));
    await assert.rejects(stripe.charges.search({ query: 'amount' }), { statusCode: 400, param: 'query' });
  });

  test('notifications are listed, and lead to their objects', async () => {
    const snapshots = await all(stripe.events.list({ type: 'payout.paid', limit: 100 }));
    const told = [];
    for await (const notice of stripe.v2.core.events.list({ types: ['v1.payout.paid'], limit: 2 })) {
      told.push(notice);
    }
    assert.deepEqual(ids(told), ids(snapshots));
    const notice = await stripe.v2.core.events.retrieve(told[0].id);
    assert.equal(notice.type, 'v1.payout.paid');
    const payout = await notice.fetchRelatedObject();
    assert.deepEqual([payout.object, payout.id], ['payout', snapshots[0].data.object.id]);
  });
});

describe('lists', () => {
  test('a page holds ten and at most a hundred', async () => {
    assert.equal((await stripe.balanceTransactions.list()).data.length, 10);
    const page = await stripe.balanceTransactions.list({ limit: 100 });
    assert.equal(page.data.length, 100);
    assert.equal(page.has_more, true);
    await assert.rejects(stripe.balanceTransactions.list({ limit: 101 }), { statusCode: 400, param: 'limit' });
  });

  test('the auto-pager sees everything once whatever the page size', async () => {
    const small = ids(await all(stripe.payouts.list({ limit: 7 })));
    assert.deepEqual(small, ids(await all(stripe.payouts.list({ limit: 100 }))));
    assert.equal(new Set(small).size, small.length);
    assert.ok(small.length > 20);
  });

  test('paging backwards sees the same reversed', async () => {
    const forwards = ids(await all(stripe.refunds.list({ limit: 100 })));
    assert.ok(forwards.length > 3);
    const backwards = ids(await all(stripe.refunds.list({ limit: 3, ending_before: forwards.at(-1) })));
    assert.deepEqual(backwards, forwards.slice(0, -1).reverse());
  });

  test('created narrows to whole seconds', async () => {
    const middle = (await stripe.charges.list({ limit: 50 })).data.at(-1).created;
    const older = await all(stripe.charges.list({ limit: 100, created: { lt: middle } }));
    const newer = await all(stripe.charges.list({ limit: 100, created: { gte: middle } }));
    assert.deepEqual(ids([...newer, ...older]), ids(await all(stripe.charges.list({ limit: 100 }))));
    assert.ok(newer.length > 0 && older.length > 0);
  });

  test('an automatic payout is the sum of its transactions', async () => {
    const payouts = await all(stripe.payouts.list({ limit: 100 }));
    const settled = payouts.filter((p) => p.automatic && p.status === 'paid' && p.reconciliation_status === 'completed');
    assert.ok(settled.length > 0);
    for (const payout of settled.slice(0, 5)) {
      const txns = await all(stripe.balanceTransactions.list({ payout: payout.id, limit: 100 }));
      const own = txns.filter((txn) => txn.id === payout.balance_transaction);
      assert.deepEqual(own.map((txn) => txn.amount), [-payout.amount]);
      const others = txns.filter((txn) => txn.id !== payout.balance_transaction);
      assert.equal(others.reduce((sum, txn) => sum + txn.net, 0), payout.amount, payout.id);
    }
  });
});

describe('expands and retrieves', () => {
  test('a source is expanded in a list, through several objects', async () => {
    const expand = ['data.source.charge.balance_transaction'];
    const { data } = await stripe.balanceTransactions.list({ type: 'refund', limit: 3, expand });
    assert.ok(data.length > 0);
    for (const txn of data) {
      assert.equal(txn.source.balance_transaction, txn.id);
      assert.equal(txn.source.charge.balance_transaction.source, txn.source.charge.id);
    }
  });

  test('what cannot be expanded is refused', async () => {
    await assert.rejects(stripe.balanceTransactions.list({ expand: ['data.amount'] }), /cannot be expanded/);
  });

  test('every kind is retrieved as it is listed', async () => {
    const { balanceTransactions, payouts, charges, refunds, disputes } = stripe;
    for (const kind of [balanceTransactions, payouts, charges, refunds, disputes]) {
      const [listed] = (await kind.list({ limit: 1 })).data;
      const retrieved = await kind.retrieve(listed.id);
      assert.deepEqual({ ...retrieved }, { ...listed });
      assert.match(retrieved.lastResponse.requestId, /^req_/);
    }
    assert.equal((await stripe.balance.retrieve()).object, 'balance');
  });
});

describe('accounts', () => {
  test('Stripe-Account acts on a connected account', async () => {
    const connected = await all(stripe.accounts.list({ limit: 100 }));
    assert.ok(connected.length > 0);
    const acting = { stripeAccount: connected[0].id };
    const theirs = ids(await all(stripe.payouts.list({ limit: 100 }, acting)));
    const ours = new Set(ids(await all(stripe.payouts.list({ limit: 100 }))));
    assert.ok(theirs.length > 0 && !theirs.some((id) => ours.has(id)));
    assert.equal((await stripe.payouts.retrieve(theirs[0], {}, acting)).id, theirs[0]);
    await assert.rejects(stripe.payouts.retrieve(theirs[0]), { statusCode: 404, code: 'resource_missing', param: 'id' });
  });

  test('an unknown account is forbidden', async () => {
    const refused = stripe.charges.list({}, { stripeAccount: 'acct_unknown' });
    await assert.rejects(refused, { type: 'StripePermissionError', statusCode: 403, code: 'account_invalid' });
  });
});

describe('errors', () => {
  test('keys that are none, live, revoked or expired are refused', async () => {
    for (const [key, code, message] of [
      ['nonsense', undefined, /Invalid API Key provided/],
      ['rk_live_abcdefgh12345678', undefined, /Invalid API Key provided: rk_live_\*+5678/],
      ['rk_test_revoked', undefined, /Invalid API Key provided/],
      ['rk_test_expired', 'api_key_expired', /Expired API Key provided/],
    ]) {
      const refused = client(plain.address, { key }).balance.retrieve();
      await assert.rejects(refused, { type: 'StripeAuthenticationError', statusCode: 401, code, message });
    }
  });

  test('a restricted key reads what it says and is told what it lacks', async () => {
    const restricted = client(plain.address, { key: 'rk_test_only_balance_payout' });
    assert.ok((await restricted.payouts.list()).data.length > 0);
    assert.ok((await restricted.balanceTransactions.list()).data.length > 0);
    const forbidden = { type: 'StripePermissionError', statusCode: 403 };
    await assert.rejects(restricted.refunds.list(), { ...forbidden, message: /'rak_charge_read'/ });
    await assert.rejects(restricted.balanceTransactions.list({ expand: ['data.source'] }), {
      ...forbidden,
      message: /'rak_balance_transaction_source_read'/,
    });
  });

  test('what is missing or unknown says so', async () => {
    await assert.rejects(stripe.charges.retrieve('ch_gone'), {
      type: 'StripeInvalidRequestError',
      statusCode: 404,
      code: 'resource_missing',
    });
    await assert.rejects(stripe.charges.list({ colour: 'red' }), /Received unknown parameter: colour/);
    await assert.rejects(stripe.payouts.create({ amount: 1, currency: 'usd' }), { statusCode: 405 });
    const dated = client(plain.address, { apiVersion: '2024-06-21' });
    await assert.rejects(dated.balance.retrieve(), { statusCode: 400, message: /Invalid Stripe API version: 2024-06-21/ });
  });
});

describe('faults', () => {
  const retries = { maxNetworkRetries: 3 };

  test('a lock timeout is retried as its header asks for', async () => {
    await against(['--faults', 'lock-timeout:1'], async (address) => {
      const refused = client(address).balance.retrieve();
      await assert.rejects(refused, { type: 'StripeRateLimitError', statusCode: 429, code: 'lock_timeout' });
      assert.equal((await client(address, retries).balance.retrieve()).object, 'balance');
    });
  });

  test('a rate limit says which one it is', async () => {
    await against(['--faults', '429-endpoint:1'], async (address) => {
      await assert.rejects(client(address, retries).balance.retrieve(), (error) => {
        assert.equal(error.type, 'StripeRateLimitError');
        assert.equal(error.headers['stripe-rate-limited-reason'], 'endpoint-rate');
        return true;
      });
    });
  });

  test('retries read everything through resets and failures', async () => {
    await against(['--faults', 'reset:0.2,500:0.1,503:0.1,409:0.1'], async (address) => {
      const read = ids(await all(client(address, { maxNetworkRetries: 4 }).payouts.list({ limit: 20 })));
      assert.deepEqual(read, ids(await all(stripe.payouts.list({ limit: 100 }))));
      const counts = await (await fetch(new URL('/_sim/requests', address))).json();
      assert.ok(counts.faults > 0);
    });
  });

  test('the auto-pager believes what a page says', async () => {
    const whole = ids(await all(stripe.payouts.list({ limit: 100 })));
    await against(['--faults', 'has-more-true:1'], async (address) => {
      assert.deepEqual(ids(await all(client(address).payouts.list({ limit: 30 }))), whole, 'an empty page ends it');
    });
    await against(['--faults', 'has-more-false:1'], async (address) => {
      assert.deepEqual(ids(await all(client(address).payouts.list({ limit: 30 }))), whole.slice(0, 30));
    });
    await against(['--faults', 'duplicated-page-row:1'], async (address) => {
      const read = ids(await all(client(address).payouts.list({ limit: 30 })));
      assert.ok(read.length > whole.length);
      assert.deepEqual([...new Set(read)], whole);
    });
  });

  test('new values and fields are passed on', async () => {
    await against(['--faults', 'new-enum:1,new-field:1'], async (address) => {
      const [payout] = (await client(address).payouts.list({ limit: 1 })).data;
      assert.ok('sim_new_field' in payout);
      assert.ok([payout.type, payout.status].some((value) => value.startsWith('sim_new_')));
    });
  });

  test('a cut-off body and a wrong length are errors, never half a page', async () => {
    for (const name of ['cut-off', 'wrong-length', 'reset']) {
      await against(['--faults', `${name}:1`], async (address) => {
        await assert.rejects(client(address).payouts.list({ limit: 5 }), Stripe.errors.StripeError, name);
      });
    }
  });
});
