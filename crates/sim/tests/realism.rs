//! How the simulator's worlds look beside what is published of real ones. `./campaign realism` writes docs/REALISM.md.

#![expect(clippy::expect_used, reason = "tests")]

#[path = "realism/banks_side.rs"]
mod banks_side;
#[path = "realism/books_side.rs"]
mod books_side;
#[path = "realism/figures.rs"]
mod figures;
#[path = "realism/sample.rs"]
mod sample;
#[path = "realism/stripes_side.rs"]
mod stripes_side;
#[path = "realism/subsets.rs"]
mod subsets;
#[path = "realism/table.rs"]
mod table;

use sample::{Kind, kinds};
use table::{Beside, Row, section};

const HEAD: &str = "\
# Realism

Made by `./campaign realism`: the figures that a sceptical reader would ask for, measured on worlds of each kind that end on
2026-09-30: *usual* without a difficulty and each difficulty, 5 seeds × 90 days × 3 accounts × 20 charges a day; *`--rich`*, 2
seeds × 120 days × 9 accounts. The same command gives the same page.

Nobody has published a merchant's Stripe account, bank statement and books together, so for most figures there is nothing to
compare with, and the page says so. A figure without a published neighbour is plausible at best.

";

const NONE: &str = "nothing.";

const TAIL: &str = "\
## What is not realistic

[SIMULATOR.md](SIMULATOR.md) lists what is left out. Of what is there, these figures are the least to be trusted:

- Every share on this page is a constant that we chose. A reader who tunes to them tunes to us: measure on several
  difficulties, and do not take *real* for an average of real merchants.
- Amounts are drawn anew for each charge, or from four list prices in *hardened*. Real shops have price lists, baskets,
  shipping and taxes; real collisions lie anywhere between our *usual* and *hardened* worlds.
- Troubles strike independently. At a real bank they come together: one bank cuts all of its texts, one week is late.
- A merged line holds two payouts of the same or the next day. Batches of more, and batches whose parts the bank lists, are
  not made from payouts, only from other people's payments.
- A pending row keeps its amount and its words until it is booked. Real ones change both, and some vanish.
- Returned payouts, disputes and refunds follow no season, no fraud wave and no customer.
- A day has no hours of trade: lags are as even as the clock.
";

/// One figure's rows over the kinds of worlds that it is measured on.
fn over(kinds: &[Kind], names: &[&str], measure: impl Fn(&Kind) -> Vec<Row>) -> Vec<Row> {
    kinds.iter().filter(|kind| names.is_empty() || names.contains(&kind.name)).flat_map(measure).collect()
}

#[test]
#[ignore = "writes docs/REALISM.md: ./campaign realism"]
fn the_page_of_figures_is_written() {
    let kinds = kinds();
    // Stripe's side has no difficulty but the hardened one's prices.
    let stripes = ["usual", "`--rich`", "hardened"];
    let books = ["clean", "light", "real", "hard", "hardened"];
    let mut page = HEAD.to_owned();
    let mut put = |title: &str, besides: &[Beside], rows: Vec<Row>| section(&mut page, title, besides, &rows);
    put("Amounts", &AMOUNTS, over(&kinds, &stripes, stripes_side::amounts));
    put("Equal amounts", &COLLISIONS, over(&kinds, &stripes, stripes_side::collisions));
    put("How much there is", &COUNTS, over(&kinds, &stripes, stripes_side::counts));
    put("How long things take", &LAGS, over(&kinds, &stripes, stripes_side::lags));
    put("At the bank", &BOOKING, over(&kinds, &[], banks_side::booking));
    put("What the bank writes", &TEXTS, over(&kinds, &[], banks_side::texts));
    put("What goes wrong at the bank", &TROUBLES, over(&kinds, &[], banks_side::troubles));
    put("What goes wrong in the books", &DAMAGE, over(&kinds, &books, books_side::damage));
    put("Sets that come to one sum", &AMBIGUITY, over(&kinds, &stripes, stripes_side::ambiguity));
    page.push_str(TAIL);
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/REALISM.md"), page).expect("docs/REALISM.md");
}

const AMOUNTS: [Beside; 2] = [
    Beside {
        published: NONE,
        difference: "drawn anew for each charge over three orders of magnitude, as no price list does; *hardened* sells \
                     at four list prices.",
    },
    Beside {
        published: NONE,
        difference: "endings follow the habit of shops, in shares that we chose; round ones rule in *hardened*.",
    },
];

const COLLISIONS: [Beside; 2] = [
    Beside {
        published: "no rates. That equal amounts are merged or lost is a standing complaint of users: \
                    we-promise/sure#2013, actualbudget/actual#5354 and #2668, firefly-iii/firefly-iii#2952, \
                    beancount/beangulp#179.",
        difference: "one charge in six within a week, and nearly all in *hardened*; a real merchant lies between, by the \
                     length of its price list.",
    },
    Beside {
        published: NONE,
        difference: "sums of many charges are seldom equal; ours are planted (pairs by hand) more than they come about.",
    },
];

const COUNTS: [Beside; 2] = [
    Beside { published: NONE, difference: "set by `--per-day`, which goes to 80,000; the usual 20 is a small shop." },
    Beside {
        published: "no distribution. Stripe lists what a payout holds for automatic payouts only \
                    (docs.stripe.com/payouts/reconciliation).",
        difference: "the same rule: manual and instant payouts hold nothing that is listed.",
    },
];

const LAGS: [Beside; 3] = [
    Beside {
        published: "Stripe shows each account's delay and names no distribution; the bank's reference may come as late as \
                    10 days after arrival (docs.stripe.com/payouts/trace-id).",
        difference: "two business days for nearly all, so weekends make the spread.",
    },
    Beside { published: NONE, difference: "chosen: most within weeks, few late." },
    Beside { published: NONE, difference: "chosen; a real dispute can come months later, and a short world cannot hold that." },
];

const BOOKING: [Beside; 1] = [Beside {
    published: "no distribution. Windows in use elsewhere: Actual 4 days before to 1 after, evened out by its PR #2300; \
                beangulp 2 days; GnuCash takes points off beyond 14; pending rows at Plaid become booked in 1 to 5 \
                business days, at most 14.",
    difference: "82 % on the day, 13, 3.5 and 1.5 % one to three business days later, which weekends stretch; *late* ones \
                 come on the fourth to sixth weekday. No bank books earlier than Stripe says.",
}];

const TEXTS: [Beside; 1] = [Beside {
    published: "no shares. Banks decide what to show; on ACH the descriptor is the entry description and is cut at 10 \
                characters without a word (docs.stripe.com/payouts/statement-descriptors). Whether a reference exists at \
                all depends on bank and currency (docs.stripe.com/payouts/trace-id).",
    difference: "the forms are those of public statements; their shares are ours. Names and tokens are spelt in two or \
                 three ways, at real banks in dozens. A text too short to be cut or wrapped stays whole.",
}];

const TROUBLES: [Beside; 2] = [
    Beside {
        published: "none for payouts. The nearest are rates of payments that are matched without a person, of all a \
                    firm's receivables: only one team in four exceeds 60 % (AFP, as HighRadius quotes it).",
        difference: "the dial counts automatic deposits that settle well before the files end, this table all payouts; \
                     the usual world plants so many of each kind that every kind occurs; from *light* to *hardened* the \
                     shares rise on purpose, and *hardened* is worse than any bank that we have heard of.",
    },
    Beside {
        published: NONE,
        difference: "planted: chance alone would hardly make a stranger's line of exactly a payout's amount. Banks that \
                     show pending rows show them in most downloads; *hard* and *hardened* do.",
    },
];

const DAMAGE: [Beside; 2] = [
    Beside {
        published: "no rates of single kinds. Vendors' match rates (Creo: recall 89.2 % at precision 99.8 % over 1.37 M \
                    synthetic rows, ZenStatement Labs 2026; data not open) say how hard their books were, not why.",
        difference: "chosen to span from a careful bookkeeper to data of which a quarter has no reference. The measured \
                     shares differ from the dial where a row can be struck once only.",
    },
    Beside {
        published: NONE,
        difference: "mostly the same or the next day, invoices and payments later; *cut off* ones fall into the next \
                     month.",
    },
];

const AMBIGUITY: [Beside; 3] = [
    Beside {
        published: "no counts of solutions. Oracle's subset matching stops at its first hit, or after 10 million tries, \
                    100 million at most; jbms/beancount-import#260 reports 2^(N−1) candidates for N like tickets.",
        difference: "at this size most sums are still unique in the usual world.",
    },
    Beside {
        published: "none; SSMP, the formal problem, has solvers and a generator of benchmarks (arXiv 2508.19218).",
        difference: "a first hit is already a guess where the median is above one.",
    },
    Beside {
        published: "Modern Treasury counts 648,000 ways to assign 10 equal payments to 7 deposits.",
        difference: "of this size a sum says nothing without other evidence: only what Stripe lists as the payout's txns \
                     does.",
    },
];
