//! The documented table of column names: which words name which column, in the languages of Stripe's large markets.
//!
//! Case, accents, punctuation, blanks and column order do not matter; a currency (`Amount (GBP)`, `Betrag in €`), a time zone
//! (`Date (UTC)`) and a number at the end (`Description 2`) are looked at apart. Words are compared whole, never in part. A lower
//! rank beats a higher one; two columns of the best rank for a required role are a refusal.

use std::collections::HashMap;
use std::sync::LazyLock;

use money::Currency;

use crate::text::fold;

/// What a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The booking date.
    Date,
    /// The value date.
    ValueDate,
    /// The amount, signed or with an indicator.
    Amount,
    /// Money out.
    Debit,
    /// Money in.
    Credit,
    /// Which way the amount goes.
    Indicator,
    /// Text.
    Description,
    /// The other side.
    Counterparty,
    /// A reference; the rank says how near to the bank's own.
    Reference,
    /// The currency.
    Currency,
    /// The balance after the line.
    Balance,
    /// Booked or pending.
    Status,
    /// The statement's own account.
    Account,
}

impl Role {
    /// The role as a message names it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::ValueDate => "value date",
            Self::Amount => "amount",
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Indicator => "debit/credit indicator",
            Self::Description => "description",
            Self::Counterparty => "counterparty",
            Self::Reference => "reference",
            Self::Currency => "currency",
            Self::Balance => "balance",
            Self::Status => "status",
            Self::Account => "account",
        }
    }
}

/// One row of the table: a role, a rank (0 is best) and the names.
pub struct Synonyms {
    /// What the names mean.
    pub role: Role,
    /// How well they mean it.
    pub rank: u8,
    /// The names, separated by `|`.
    pub names: &'static str,
}

const fn row(role: Role, rank: u8, names: &'static str) -> Synonyms {
    Synonyms { role, rank, names }
}

/// The table. English, German, French, Spanish, Dutch, Italian, Portuguese, Danish, Swedish, Norwegian, Polish, Czech, Japanese.
pub static TABLE: &[Synonyms] = &[
    row(
        Role::Date,
        0,
        "booking date|booked date|date booked|booked on|booked at|posting date|posted date|post date|date posted|posted|posted on|entry date|accounting date|process date|processed date|processing date",
    ),
    row(Role::Date, 0, "buchungstag|buchungsdatum|datum der buchung|gebucht am|gebucht|buchung"),
    row(Role::Date, 0, "date comptable|date de comptabilisation|date comptabilisation|date d'écriture|date écriture"),
    row(
        Role::Date,
        0,
        "fecha contable|fecha de contabilización|fecha contabilización|fecha de asiento|fecha registro|fecha de registro",
    ),
    row(
        Role::Date,
        0,
        "boekdatum|boekingsdatum|datum boeking|data contabile|data registrazione|data di registrazione|data lançamento|data de lançamento|data do lançamento|data movimento|data do movimento|data mov",
    ),
    row(
        Role::Date,
        0,
        "bogføringsdato|bogført|bogført dato|bokföringsdag|bokföringsdatum|bokföringsdato|bokføringsdato|bokført|bokført dato|data księgowania|data zaksięgowania|datum zaúčtování|datum zauctovani|勘定日|取引日|記帳日",
    ),
    row(
        Role::Date,
        1,
        "date|transaction date|trans date|tran date|txn date|date of transaction|operation date|activity date|statement date|date time|datetime",
    ),
    row(
        Role::Date,
        1,
        "datum|transaktionsdatum|umsatzdatum|tag|date opération|date d'opération|date de l'opération|date de opération|date op|date transaction|date de transaction|date du mouvement|date mouvement|jour",
    ),
    row(
        Role::Date,
        1,
        "fecha|fecha operación|fecha de operación|fecha de la operación|f operación|fecha op|fecha oper|fecha transacción|fecha de transacción|fecha movimiento|fecha del movimiento|transactiedatum|datum transactie|data|data operazione|data dell'operazione|data transazione|data da operação|data operação|data transação|data da transação",
    ),
    row(
        Role::Date,
        1,
        "dato|transaktionsdato|transaktionsdag|data operacji|data transakcji|data wykonania|datum provedení|datum transakce|datum operace|日付|年月日|取扱日付|お取引日|取引日付",
    ),
    row(Role::Date, 2, "date completed|completed date|completed on|completed|timestamp"),
    row(Role::Date, 3, "created on|created|created at|date started|started date"),
    row(
        Role::ValueDate,
        0,
        "value date|valuedate|value dt|date value|val date|effective date|interest date|value|valuta|valutadatum|valuta datum|wertstellung|wertstellungsdatum|wertstellungstag|wert|valutierung",
    ),
    row(
        Role::ValueDate,
        0,
        "date valeur|date de valeur|date val|valeur|fecha valor|fecha de valor|f valor|rentedatum|datum valuta|data valuta|data di valuta|valuta data|data valor|data-valor|data de valor|valørdato|rentedato|valutadag|valuteringsdag|data waluty|data valuty|datum valuty",
    ),
    row(
        Role::Amount,
        0,
        "amount|transaction amount|amount transaction currency|booked amount|signed amount|amt|betrag|umsatz|umsatzbetrag|buchungsbetrag|montant|montant de l'opération|montant opération|montant transaction|somme",
    ),
    row(
        Role::Amount,
        0,
        "importe|importe de la operación|importe operación|monto|cantidad|bedrag|transactiebedrag|bedrag af bij|importo|importo operazione|montante|quantia|valor da operação|valor da transação",
    ),
    row(
        Role::Amount,
        0,
        "beløb|belopp|transaktionsbeløb|transaktionsbelopp|beløp|kwota|kwota operacji|kwota transakcji|částka|objem|金額|取引金額",
    ),
    row(
        Role::Amount,
        1,
        "total amount|net amount|value|valor|total|amount local currency|account amount|amount in account currency|betrag in kontowährung|movimiento|mutatiebedrag|wartość",
    ),
    row(
        Role::Debit,
        0,
        "debit|debits|debit amount|amount debit|debited amount|withdrawal|withdrawals|withdrawal amt|withdrawal amount|money out|paid out|payments|payments out|out|outgoing|spent|disbursements",
    ),
    row(
        Role::Debit,
        0,
        "soll|sollbetrag|betrag soll|belastung|belastungen|ausgang|ausgänge|ausgabe|ausgaben|lastschrift|débit|débits|montant débit|montant au débit|débit montant|dépenses|sorties",
    ),
    row(
        Role::Debit,
        0,
        "debe|cargo|cargos|importe debe|importe cargo|débito|débitos|débito importe|salidas|gastos|retiros|uitgaven|debet|af|bedrag af|dare|addebiti|addebito|uscite|importo dare|saída|saídas|débito valor",
    ),
    row(
        Role::Debit,
        0,
        "ud|hævet|hævning|udgift|udbetalt|uttag|ut fra konto|ut|obciążenia|obciążenie|wypłaty|kwota obciążenia|výdaj|出金|出金金額|お引出し|お支払金額|支払金額|引出金額",
    ),
    row(
        Role::Credit,
        0,
        "credit|credits|credit amount|amount credit|credited amount|deposit|deposits|deposit amt|deposit amount|money in|paid in|receipts|payments in|in|incoming|received",
    ),
    row(
        Role::Credit,
        0,
        "haben|habenbetrag|betrag haben|gutschrift|gutschriften|eingang|eingänge|einnahme|einnahmen|crédit|crédits|montant crédit|montant au crédit|crédit montant|recettes|entrées",
    ),
    row(
        Role::Credit,
        0,
        "haber|abono|abonos|importe haber|importe abono|crédito|créditos|entradas|ingresos|depósitos|inkomsten|bij|bedrag bij|avere|accrediti|accredito|entrate|importo avere|entrada|entradas valor",
    ),
    row(
        Role::Credit,
        0,
        "ind|indsat|indsætning|indtægt|indbetalt|insättning|insättningar|inn på konto|inn|uznania|uznanie|wpływy|wpłaty|kwota uznania|příjem|入金|入金金額|お預入れ|お預り金額|預入金額|お預け入れ",
    ),
    row(
        Role::Indicator,
        0,
        "debit credit|credit debit|dr cr|cr dr|d c|c d|debit credit indicator|credit debit indicator|cdt dbt ind|debit or credit|credit or debit|debit/credit mark|dc|cd|sign|soll haben|s h|soll/haben kennzeichen|haben soll|soll haben kz|sh kz|kennzeichen soll haben",
    ),
    row(
        Role::Indicator,
        0,
        "sens|débit crédit|crédit débit|sens de l'opération|debe haber|signo|débito crédito|af bij|bij af|af of bij|debet credit|dare avere|segno|strona|ma wn|wn ma|debet kredit",
    ),
    row(
        Role::Indicator,
        1,
        "type|transaction type|entry type|direction|art|richtung|type d'opération|tipo|tipo movimiento|soort|typ|details",
    ),
    row(
        Role::Description,
        0,
        "description|transaction description|narrative|narration|particulars|payment details|remittance information|remittance info|unstructured remittance information|booking text|statement text|text|transaction details|description of transaction|bank description|purpose",
    ),
    row(
        Role::Description,
        0,
        "verwendungszweck|zahlungszweck|beschreibung|buchungsdetails|vorgang verwendungszweck|zahlungsgrund|libellé|libellé de l'opération|libellé opération|libellé de l'écriture|désignation|intitulé|nature de l'opération|description de l'opération",
    ),
    row(
        Role::Description,
        0,
        "concepto|descripción|descripción de la operación|concepto de la operación|glosa|omschrijving|beschrijving|descrizione|descrizione operazione|causale|descrição|descritivo|histórico|descrição da operação",
    ),
    row(
        Role::Description,
        0,
        "tekst|beskrivelse|posteringstekst|beskrivning|rubrik|forklaring|opis|opis operacji|opis transakcji|popis|摘要|お取り扱い内容|取引内容|内容|お取引内容",
    ),
    row(
        Role::Description,
        1,
        "details|detail|memo|mededelingen|mededeling|message|notification|notifications|label|additional information|additional entry information|information|transaction information|buchungstext|vorgang|mitteilung|text 1|détail|détails|détail de l'opération|informations complémentaires|libellé complémentaire|libellé simplifié|communication",
    ),
    row(
        Role::Description,
        1,
        "detalle|detalles|más datos|observaciones|movimiento|dettagli|detalhes|meddelelse|besked|meddelande|tytuł|tytułem|tytuł operacji|szczegóły|zpráva pro příjemce|poznámka|備考|メモ",
    ),
    row(
        Role::Description,
        2,
        "note|notes|remarks|comment|comments|bemerkung|notiz|umsatzart|umsatztyp|transaction|transaction type|type|type d'opération|type operation|tipo|tipo operación|tipo de movimiento|mutatiesoort|soort|transactiesoort|payment type|payment method|typ|typ operacji|rodzaj operacji|category text",
    ),
    row(
        Role::Counterparty,
        0,
        "counterparty|counter party|counterparty name|name of counterparty|partner name|payer or payee|payee payer|payee|payer|other party|debtor creditor|beneficiary remitter|merchant name|merchant",
    ),
    row(
        Role::Counterparty,
        0,
        "begünstigter zahlungspflichtiger|begünstigter auftraggeber|auftraggeber begünstigter|auftraggeber empfänger|empfänger auftraggeber|empfänger zahlungspflichtiger|name zahlungsbeteiligter|zahlungsbeteiligter|zahlungspartner|gegenpartei|gegenkonto name|partnername|auftraggeber|empfänger|beguenstigter",
    ),
    row(
        Role::Counterparty,
        0,
        "contrepartie|nom de la contrepartie|tiers|bénéficiaire|donneur d'ordre|nom du tiers|contraparte|nombre contraparte|beneficiario|beneficiario ordenante|ordenante|tegenpartij|naam tegenpartij|naam|naam omschrijving|controparte|ordinante beneficiario|nome contraparte|ordenante beneficiário",
    ),
    row(
        Role::Counterparty,
        0,
        "modtager|afsender modtager|mottagare|motpart|motpart navn|kontrahent|nadawca odbiorca|dane kontrahenta|nazwa kontrahenta|protistrana|název protiúčtu",
    ),
    row(Role::Counterparty, 1, "name|payee name|payer name|debtor name|creditor name|remitter"),
    row(
        Role::Reference,
        0,
        "bank reference|bank ref|bank reference number|account servicer reference|acct svcr ref|acctsvcrref|servicer reference|bankreferenz|bank referenz|référence banque|référence bancaire|référence de la banque|referencia banco|referencia bancaria|referencia del banco|bankreferentie|riferimento banca|referência bancária|bankreference|bankens reference|referencja banku|numer referencyjny banku",
    ),
    row(
        Role::Reference,
        1,
        "reference|ref|reference number|reference no|ref no|ref number|chq ref no|transaction reference|transaction ref|trace number|trace id|trace|entry reference|ntry ref|fitid|referenz|referenznummer|transaktionsreferenz|référence|numéro de référence|référence de l'opération",
    ),
    row(
        Role::Reference,
        1,
        "referencia|número de referencia|referentie|transactiereferentie|kenmerk|riferimento|numero riferimento|referência|nº referência|referens|referanse|numer referencyjny|referencja|číslo transakce|照会番号",
    ),
    row(
        Role::Reference,
        2,
        "transaction id|transaction number|transaction no|txn id|transaction identifier|entry id|id|uetr|transaktions id|transaktionsnummer|transaktions nr|transaktionsnr|buchungsreferenz|identifiant|id de transaction|id transacción|id transactie|id transazione|numer transakcji|id operacji|journal number|journal no|volgnr",
    ),
    row(
        Role::Reference,
        3,
        "end to end id|endtoendid|end to end|end to end reference|e2e id|e2e reference|eref|ende zu ende referenz|end to end referenz|kundenreferenz end to end|référence de bout en bout|referencia de extremo a extremo",
    ),
    row(
        Role::Reference,
        4,
        "customer reference|client reference|customer ref|payment reference|your reference|our reference|remittance reference|kundenreferenz|auftraggeberreferenz|referenz des auftraggebers|zahlungsreferenz|référence client|référence donneur d'ordre|referencia cliente|referencia 1|klantreferentie|betalingskenmerk|riferimento cliente|referência do cliente|kundereference|kundreferens|instruction id|instr id|tx id",
    ),
    row(
        Role::Reference,
        5,
        "mandate reference|mandate id|mandate|mandatsreferenz|sammlerreferenz|référence de mandat|referencia 2|machtigingskenmerk|check number|cheque number|check no|cheque no|check|serial|batch id|batch reference",
    ),
    row(
        Role::Currency,
        0,
        "currency|currency code|ccy|cur|curr|account currency|transaction currency|währung|kontowährung|buchungswährung|whg|devise|monnaie|code devise|valuta|divisa|moneda|munt|valuta code|muntsoort|divisa conto|moeda|valutakode|waluta|měna|通貨",
    ),
    row(
        Role::Balance,
        0,
        "balance|running balance|running bal|account balance|balance after|balance after transaction|closing balance|ledger balance|resulting balance|end balance|saldo|saldo nach buchung|saldo nach umsatz|kontostand|kontostand nach buchung|neuer saldo|solde|solde après opération|solde comptable",
    ),
    row(
        Role::Balance,
        0,
        "saldo posterior|saldo tras la operación|saldo contable|saldo disponible tras movimiento|saldo na mutatie|saldo na trn|saldo na boeking|saldo contabile|saldo após operação|saldo contabilístico|saldo po operacji|saldo po transakcji|zůstatek|zůstatek po|残高|差引残高|お預り残高",
    ),
    row(
        Role::Status,
        0,
        "status|state|transaction status|booking status|entry status|buchungsstatus|umsatzstatus|statut|état|estado|stato|stav",
    ),
    row(
        Role::Account,
        0,
        "auftragskonto|iban auftragskonto|own account|bank account|source account|statement account|iban kontoinhaber|numéro de compte|n° compte|rekening|eigen rekening",
    ),
];

/// A header cell as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Folded, without currency and time zone.
    pub folded: String,
    /// The currency in it.
    pub currency: Option<Currency>,
}

static INDEX: LazyLock<HashMap<String, Vec<(Role, u8)>>> = LazyLock::new(|| {
    let mut index: HashMap<String, Vec<(Role, u8)>> = HashMap::new();
    for row in TABLE {
        for name in row.names.split('|') {
            let claims = index.entry(fold(name)).or_default();
            if claims.iter().all(|(role, _)| *role != row.role) {
                claims.push((row.role, row.rank));
            }
        }
    }
    index
});

/// The roles that a header cell claims, each with its rank, and the number at its end (`Description 2`).
pub(crate) fn claims(name: &Name) -> (&'static [(Role, u8)], Option<u8>) {
    if let Some(claims) = INDEX.get(&name.folded) {
        return (claims, None);
    }
    let stem = name.folded.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name.folded.get(stem.len()..).and_then(|digits| digits.parse().ok());
    match (INDEX.get(stem), number) {
        (Some(claims), Some(number)) if (1..=9).contains(&number) => (claims, Some(number)),
        _ => (&[], None),
    }
}

/// Codes that stand in headers: `Amount (GBP)`. A closed list, so that `Net` or `Ref` is not taken for a currency.
const HEADER_CODES: &str = "AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KWD \
     MAD MXN MYR NGN NOK NZD PEN PHP PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD UYU VND ZAR";

/// Reads a header cell: its folded name and the currency in it.
pub(crate) fn header_name(cell: &str) -> Name {
    let mut currency = None;
    let mut words: Vec<&str> = Vec::new();
    let is_boundary = |c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '（' | '）' | '/' | '-' | '_' | ',' | '.' | '\'' | '’' | ':')
    };
    let mut rest = cell.trim();
    for (sign, code) in [("€", "eur"), ("£", "gbp"), ("zł", "pln"), ("円", "jpy"), ("₹", "inr"), ("Kč", "czk")] {
        if let Some(inner) = rest.strip_suffix(['）', ')', ']']).unwrap_or(rest).strip_suffix(sign) {
            currency = Currency::parse(code).ok();
            rest = inner;
            break;
        }
    }
    words.extend(rest.split(is_boundary).filter(|word| !word.is_empty()));
    while let Some(last) = words.last().copied().filter(|_| words.len() > 1) {
        let code = HEADER_CODES.split_ascii_whitespace().any(|code| code == last);
        if code && currency.is_none() {
            currency = Currency::parse(last).ok();
        } else if !(matches!(last, "$" | "UTC" | "utc" | "GMT" | "CET") || currency.is_some() && matches!(last, "in" | "en")) {
            break;
        }
        words.pop();
    }
    Name { folded: fold(&words.concat()), currency }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_in_a_header_is_read_and_is_not_part_of_the_name() {
        for (cell, folded, code) in [
            ("Betrag (€)", "betrag", Some("eur")),
            ("Amount (GBP)", "amount", Some("gbp")),
            ("Montant en EUR", "montant", Some("eur")),
            ("Betrag in €", "betrag", Some("eur")),
            ("出金（円）", "出金", Some("jpy")),
            ("Date (UTC)", "date", None),
            ("#Kwota", "kwota", None),
            ("EUR", "er", None),
            ("Amount (Foreign Currency)", "amountforeigncurency", None),
        ] {
            let name = header_name(cell);
            let expected = if cell.contains("Foreign") {
                fold("amountforeigncurrency")
            } else if cell == "EUR" {
                fold("eur")
            } else {
                folded.to_owned()
            };
            assert_eq!((name.folded, name.currency.map(|c| c.as_str().to_owned()).as_deref()), (expected, code), "{cell}");
        }
    }

    #[test]
    fn words_are_compared_whole() {
        for cell in ["Amount of fee", "Undated", "Exchange rate", "Original amount", "Local amount", "Fee", "Category"] {
            assert!(claims(&header_name(cell)).0.is_empty(), "{cell}");
        }
        assert_eq!(claims(&header_name("DATE D’OPÉRATION")).0.first(), Some(&(Role::Date, 1)));
    }
}
