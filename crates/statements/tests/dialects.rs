//! Every built-in dialect reads a small file in that bank's own form, traps included. All data is invented.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use facts::BankAccountName;
use statements::{Source, Statement, dialect, dialects, read};

fn show(statement: &Statement) -> String {
    let mut text =
        format!("{} {} {:?}\n", statement.format, statement.currency, statement.account_number.as_deref().unwrap_or("-"));
    for line in &statement.lines {
        let value = line.value_on.map_or("-".to_owned(), |date| date.to_string());
        let balance = line.balance_after_minor.map_or("-".to_owned(), |minor| minor.to_string());
        let reference = line.reference.as_deref().unwrap_or("-");
        let name = line.counterparty.as_deref().unwrap_or("-");
        text += &format!(
            "{} {value} {} [{}] <{name}> {reference} {:?} {balance}\n",
            line.date_on,
            line.amount.minor(),
            line.description,
            line.other_references
        );
    }
    for row in &statement.left_out {
        text += &format!("left out, line {}: {}\n", row.line, row.reason.as_str());
    }
    text
}

fn read_as(bytes: &[u8], profile: Option<&str>, currency: Option<&str>) -> Statement {
    let bank_account = BankAccountName::parse("main").unwrap();
    let currency = currency.map(|code| money::Currency::parse(code).unwrap());
    let profile = profile.map(|name| dialect(name).unwrap());
    let source = Source { bytes, file_name: "file.csv", bank_account: &bank_account, currency, profile };
    match read(&source) {
        Ok(statement) => statement,
        Err(error) => panic!("{error}"),
    }
}

fn latin(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn sample(name: &str) -> Vec<u8> {
    let text = match name {
        "chase" => {
            "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\nCREDIT,07/02/2026,\"ORIG CO NAME:STRIPE TRACE#:091000019999999\",1234.56,ACH_CREDIT,2234.56,,\nDEBIT,07/01/2026,RENT,-500.00,ACH_DEBIT,1000.00,,\n"
        }
        "bank-of-america" => {
            "Description,,Summary Amt.\nBeginning balance as of 07/01/2026,,\"1,000.00\"\nTotal credits,,\"1,234.56\"\nTotal debits,,\"-34.56\"\nEnding balance as of 07/05/2026,,\"2,200.00\"\n\nDate,Description,Amount,Running Bal.\n07/01/2026,Beginning balance as of 07/01/2026,,\"1,000.00\"\n07/02/2026,STRIPE DES:TRANSFER ID:ST-5ZHG5Y3YVT,\"1,234.56\",\"2,234.56\"\n07/05/2026,FEE,\"-34.56\",\"2,200.00\"\n"
        }
        "wells-fargo" => {
            "\"07/13/2026\",\"1234.56\",\"*\",\"\",\"STRIPE TRANSFER ST-XXXXXXXX\"\n\"7/1/2026\",\"-20.00\",\"*\",\"1001\",\"CHECK\"\n"
        }
        "mercury" => {
            "Date (UTC),Description,Amount,Status,Source Account,Bank Description,Reference,Note,Last Four Digits,Name On Card,Mercury Category,Category,GL Code,Timestamp,Original Currency\n07-02-2026,Stripe,1234.56,Sent,Checking 1,STRIPE; TRANSFER,,,,,,,,07-02-2026 10:00:00,USD\n07-03-2026,Cafe,-5.00,Pending,Checking 1,CAFE,,,,,,,,07-03-2026 10:00:00,USD\n07-03-2026,Shop,-7.00,Failed,Checking 1,SHOP,,,,,,,,07-03-2026 10:00:00,USD\n"
        }
        "capital-one" => {
            "Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit\n2026-07-01,2026-07-02,1234,COFFEE,Dining,4.50,\n2026-07-03,2026-07-04,1234,REFUND,Dining,,4.50\n"
        }
        "citi" => {
            "Status,Date,Description,Debit,Credit,Member Name\nCleared,07/02/2026,\"STRIPE\",,1234.56,ANN\nPending,07/03/2026,\"CAFE\",5.00,,ANN\n"
        }
        "us-bank" => {
            "\"Date\",\"Transaction\",\"Name\",\"Memo\",\"Amount\"\n\"07/02/2026\",\"CREDIT\",\"ELECTRONIC DEPOSIT\",\"STRIPE\",\"1234.56\"\n\"07/01/2026\",\"DEBIT\",\"WEB\",\"Rent\",\"-20.00\"\n"
        }
        "td-canada" => {
            "Date,Transaction,Description,Withdrawals,Deposits,Balance\n07/02/2026,Deposit,STRIPE MSP,,1234.56,2234.56\n07/03/2026,Fee,MONTHLY,12.00,,2222.56\n"
        }
        "barclays" => {
            "Number,Date,Account,Amount,Subcategory,Memo\n\t ,02/07/2026,20-00-00 12345678,1234.56,Counter Credit,STRIPE PAYMENTS UK       \t\n\t ,01/07/2026,20-00-00 12345678,-20.00,Direct Debit,RENT\n"
        }
        "lloyds" => {
            "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance,\n02/07/2026,FPI,'11-22-33,12345678,STRIPE PAYMENTS UK,,1234.56,2234.56,\n01/07/2026,DD,'11-22-33,12345678,RENT,500.00,,1000.00,\n"
        }
        "natwest" => {
            "Date, Type, Description, Value, Balance, Account Name, Account Number\n02 Jul 2026,BAC,\"STRIPE , REF 1\",1234.56,2234.56,\"'CO\",\"'112233-12345678\"\n01 Jul 2026,D/D,\"RENT\",-500.00,1000.00,\"'CO\",\"'112233-12345678\"\n"
        }
        "hsbc-uk" => {
            "01/07/2026,RENT                               ,-20.00\n13/07/2026,STRIPE PAYMENTS UK                ,\"1,234.56\"\n"
        }
        "starling" => {
            "Date,Counter Party,Reference,Type,Amount (EUR),Balance (EUR),Spending Category,Notes\n01/07/2026,Landlord,RENT,DIRECT DEBIT,-500.00,1000.00,RENT,\n02/07/2026,Stripe Payments UK Ltd,STRIPE,FASTER PAYMENT,1234.56,2234.56,INCOME,\n"
        }
        "monzo" => {
            "Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local currency,Notes and #tags,Address,Receipt,Description,Category split,Money Out,Money In,Balance,Balance currency\ntx_01,02/07/2026,10:00:00,Faster payment,Stripe,,Income,1234.56,GBP,1234.56,GBP,,,,STRIPE,,,1234.56,1234.56,GBP\n"
        }
        "wise" => {
            "\"TransferWise ID\",Date,Amount,Currency,Description,\"Payment Reference\",\"Running Balance\",\"Exchange From\",\"Exchange To\",\"Exchange Rate\",\"Payer Name\",\"Payee Name\",\"Payee Account Number\",Merchant,\"Card Last Four Digits\",\"Card Holder Full Name\",Attachment,Note,\"Total fees\"\nTRANSFER-1,03-07-2026,-0.50,EUR,Fee,,1499.50,,,,,,,,,,,,0\nTRANSFER-1,02-07-2026,500.00,EUR,Received money from Stripe,STRIPE,1500.00,,,,Stripe Payments Uk Ltd,,,,,,,,0\n"
        }
        "revolut-business" => {
            "Date started (UTC),Date completed (UTC),Date started (Europe/Paris),Date completed (Europe/Paris),ID,Type,State,Description,Reference,Payer,Card number,Card label,Card state,Orig currency,Orig amount,Payment currency,Amount,Total amount,Exchange rate,Fee,Fee currency,Balance,Account\n2026-07-02,2026-07-02,2026-07-02,2026-07-02,64f0,TOPUP,COMPLETED,Money added from STRIPE,po-1,STRIPE,,,,EUR,100.00,EUR,100.00,99.80,,0.20,EUR,1099.80,Main\n2026-07-03,,2026-07-03,,64f1,CARD_PAYMENT,PENDING,Cafe,,,,,,EUR,-5.00,EUR,-5.00,-5.00,,0.00,EUR,,Main\n"
        }
        "qonto" => {
            "Status,Settlement date (UTC),Operation date (UTC),Total amount (incl. VAT),Currency,Counterparty name,Payment method,Transaction ID,IBAN,Reference,Category\nsettled,02-07-2026 08:00:00,02-07-2026 07:00:00,1234.56,EUR,Stripe,Incoming transfer,tx-1,FR76,STRIPE X4J1,Sales\ndeclined,,03-07-2026 07:00:00,-5.00,EUR,Cafe,Card,tx-2,FR76,,Food\n"
        }
        "n26" => {
            "\"Booking Date\",\"Value Date\",\"Partner Name\",\"Partner Iban\",Type,\"Payment Reference\",\"Account Name\",\"Amount (EUR)\",\"Original Amount\",\"Original Currency\",\"Exchange Rate\"\n2026-07-02,2026-07-02,Stripe,DE00,\"Credit Transfer\",STRIPE X4J1,Main,1234.56,,,\n"
        }
        "n26-old" => {
            "\"Date\",\"Payee\",\"Account number\",\"Transaction type\",\"Payment reference\",\"Category\",\"Amount (EUR)\",\"Amount (Foreign Currency)\",\"Type Foreign Currency\",\"Exchange Rate\"\n\"2026-07-02\",\"Stripe\",\"DE00\",\"Income\",\"STRIPE X4J1\",\"Income\",\"1234.56\",\"\",\"\",\"\"\n"
        }
        "sparkasse" => {
            "\"Auftragskonto\";\"Buchungstag\";\"Valutadatum\";\"Buchungstext\";\"Verwendungszweck\";\"Glaeubiger ID\";\"Mandatsreferenz\";\"Kundenreferenz (End-to-End)\";\"Sammlerreferenz\";\"Lastschrift Ursprungsbetrag\";\"Auslagenersatz Ruecklastschrift\";\"Beguenstigter/Zahlungspflichtiger\";\"Kontonummer/IBAN\";\"BIC (SWIFT-Code)\";\"Betrag\";\"Waehrung\";\"Info\"\n\"DE00\";\"02.07.26\";\"02.07.26\";\"GUTSCHR. UEBERWEISUNG\";\"STRIPE X4J1\";\"\";\"\";\"NOTPROVIDED\";\"\";\"\";\"\";\"Stripe für Händler\";\"DE99\";\"BIC\";\"1.234,56\";\"EUR\";\"Umsatz gebucht\"\n\"DE00\";\"03.07.26\";\"03.07.26\";\"KARTE\";\"CAFE\";\"\";\"\";\"\";\"\";\"\";\"\";\"Cafe\";\"\";\"\";\"-5,00\";\"EUR\";\"Umsatz vorgemerkt\"\n"
        }
        "sparkasse-mt940" => {
            "\"Auftragskonto\";\"Buchungstag\";\"Valutadatum\";\"Buchungstext\";\"Verwendungszweck\";\"Begünstigter/Zahlungspflichtiger\";\"Kontonummer\";\"BLZ\";\"Betrag\";\"Währung\";\"Info\"\n\"12345\";\"02.07\";\"02.07.26\";\"GUTSCHRIFT\";\"X\";\"Stripe\";\"1\";\"2\";\"1.234,56\";\"EUR\";\"Umsatz gebucht\"\n"
        }
        "volksbank" => {
            "Bezeichnung Auftragskonto;IBAN Auftragskonto;BIC Auftragskonto;Bankname Auftragskonto;Buchungstag;Valutadatum;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;BIC (SWIFT-Code) Zahlungsbeteiligter;Buchungstext;Verwendungszweck;Betrag;Waehrung;Saldo nach Buchung;Bemerkung;Kategorie\nGiro;DE00;BIC;Bank;02.07.2026;02.07.2026;Stripe;DE99;B;Gutschrift;STRIPE X4J1;1234,56;EUR;2234,56;;\nGiro;DE00;BIC;Bank;01.07.2026;01.07.2026;Vermieter;DE98;B;Dauerauftrag;MIETE;-500,00;EUR;1000,00;;\n"
        }
        "commerzbank" => {
            "\u{feff}Buchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung;IBAN Kontoinhaber;Kategorie\r\n02.07.2026;02.07.2026;Gutschrift;\"Stripe X4J1\";1234,56;EUR;DE00;\r\n"
        }
        "commerzbank-old" => {
            "Buchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung;Auftraggeberkonto;Bankleitzahl Auftraggeberkonto;IBAN Auftraggeberkonto;Kategorie\n02.07.2026;02.07.2026;Gutschrift;Stripe X4J1;1.234,56;EUR;1;2;DE00;\n"
        }
        "deutsche-bank" => {
            "Umsätze Girokonto;;;Kundennummer: 100 1234567\n01.07.2026 - 31.07.2026\nLetzter Kontostand;;;;1.000,00;EUR\nVorgemerkte und noch nicht gebuchte Umsätze sind nicht Bestandteil dieser Übersicht.\nBuchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;IBAN;BIC;Kundenreferenz;Mandatsreferenz;Gläubiger ID;Fremde Gebühren;Betrag;Abweichender Empfänger;Anzahl der Aufträge;Anzahl der Schecks;Soll;Haben;Währung\n1.7.2026;1.7.2026;SEPA-Lastschrift;Vermieter;MIETE;DE98;B;NOTPROVIDED;M1;G;;;;;;-500,00;;EUR\n2.7.2026;2.7.2026;SEPA-Gutschrift;Stripe;STRIPE X4J1;DE99;B;NOTPROVIDED;;;;;;;;;1.234,56;EUR\nKontostand;31.07.2026;;;1.734,56;EUR\n"
        }
        "dkb" => {
            "\"Girokonto\";\"DE00\"\n\"Zeitraum:\";\"01.07.2026 - 31.07.2026\"\n\"Kontostand vom 31.07.2026:\";\"1.234,56 €\"\n\"\"\n\"Buchungsdatum\";\"Wertstellung\";\"Status\";\"Zahlungspflichtige*r\";\"Zahlungsempfänger*in\";\"Verwendungszweck\";\"Umsatztyp\";\"IBAN\";\"Betrag (€)\";\"Gläubiger-ID\";\"Mandatsreferenz\";\"Kundenreferenz\"\n\"02.07.26\";\"02.07.26\";\"Gebucht\";\"Stripe\";\"Firma\";\"STRIPE X4J1\";\"Eingang\";\"DE99\";\"1.234,56\";\"\";\"\";\"\"\n\"03.07.26\";\"\";\"Vorgemerkt\";\"Firma\";\"Cafe\";\"CAFE\";\"Ausgang\";\"DE99\";\"-5,00\";\"\";\"\";\"\"\n"
        }
        "ing-nl" => {
            "\"Datum\",\"Naam / Omschrijving\",\"Rekening\",\"Tegenrekening\",\"Code\",\"Af Bij\",\"Bedrag (EUR)\",\"MutatieSoort\",\"Mededelingen\"\n\"20260702\",\"Stripe\",\"NL00\",\"NL99\",\"OV\",\"Bij\",\"1234,56\",\"Overschrijving\",\"STRIPE X4J1\"\n\"20260701\",\"Huur\",\"NL00\",\"NL98\",\"IC\",\"Af\",\"500,00\",\"Incasso\",\"HUUR\"\n"
        }
        "ing-nl-english" => {
            "\"Date\";\"Name / Description\";\"Account\";\"Counterparty\";\"Code\";\"Debit/credit\";\"Amount (EUR)\";\"Transaction type\";\"Notifications\";\"Resulting balance\";\"Tag\"\n\"20260702\";\"Stripe\";\"NL00\";\"NL99\";\"OV\";\"Credit\";\"1234,56\";\"Transfer\";\"STRIPE\";\"2234,56\";\"\"\n\"20260701\";\"Rent\";\"NL00\";\"NL98\";\"IC\";\"Debit\";\"500,00\";\"Debit\";\"RENT\";\"1000,00\";\"\"\n"
        }
        "rabobank" => {
            "\"IBAN/BBAN\",\"Munt\",\"BIC\",\"Volgnr\",\"Datum\",\"Rentedatum\",\"Bedrag\",\"Saldo na trn\",\"Tegenrekening IBAN/BBAN\",\"Naam tegenpartij\",\"Naam uiteindelijke partij\",\"Naam initiërende partij\",\"BIC tegenpartij\",\"Code\",\"Batch ID\",\"Transactiereferentie\",\"Machtigingskenmerk\",\"Incassant ID\",\"Betalingskenmerk\",\"Omschrijving-1\",\"Omschrijving-2\",\"Omschrijving-3\",\"Reden retour\",\"Oorspr bedrag\",\"Oorspr munt\",\"Koers\"\n\"NL00\",\"EUR\",\"RABO\",\"000000000000000001\",\"2026-07-01\",\"2026-07-01\",\"-500,00\",\"+1000,00\",\"NL98\",\"Huur BV\",\"\",\"\",\"\",\"ei\",\"\",\"\",\"M1\",\"\",\"\",\"HUUR\",\" \",\"\",\"\",\"\",\"\",\"\"\n\"NL00\",\"EUR\",\"RABO\",\"000000000000000002\",\"2026-07-02\",\"2026-07-02\",\"+1234,56\",\"+2234,56\",\"NL99\",\"Stripe\",\"\",\"\",\"\",\"cb\",\"\",\"TRN1\",\"\",\"\",\"\",\"STRIPE\",\"X4J1\",\"\",\"\",\"\",\"\",\"\"\n"
        }
        "abn-amro" => {
            "123456789\tEUR\t20260702\t1000,00\t2234,56\t20260702\t1234,56\tSEPA Overboeking STRIPE X4J1\n123456789\tEUR\t20260703\t2234,56\t2224,56\t20260703\t-10,00\tKosten\n"
        }
        "nab" => {
            "Date,Amount,Account Number,,Transaction Type,Transaction Details,Balance,Category,Merchant Name,Processed On\n02 Jul 26,1234.56,12345,,MISCELLANEOUS CREDIT,STRIPE,2234.56,Income,,02 Jul 26\n01 Jul 26,-500.00,12345,,DEBIT,RENT,1000.00,Rent,,01 Jul 26\n"
        }
        "westpac" => {
            "Bank Account,Date,Narrative,Debit Amount,Credit Amount,Balance,Categories,Serial\n032000123456,02/07/2026,STRIPE,,1234.56,2234.56,DEP,\n032000123456,01/07/2026,RENT,500.00,,1000.00,PAYMENT,\n"
        }
        "commbank" => "02/07/2026,\"+1234.56\",\"STRIPE\",\"+2234.56\"\n01/07/2026,\"-500.00\",\"RENT\",\"+1000.00\"\n",
        "danske" => {
            "\"Dato\";\"Kategori\";\"Underkategori\";\"Tekst\";\"Beløb\";\"Saldo\";\"Status\";\"Afstemt\"\n\"01.07.2026\";\"Bolig\";\"Leje\";\"Husleje på vej\";\"-500,00\";\"1.000,00\";\"Udført\";\"Nej\"\n\"02.07.2026\";\"\";\"\";\"STRIPE\";\"1.234,56\";\"2.234,56\";\"Udført\";\"Nej\"\n\"03.07.2026\";\"\";\"\";\"CAFE\";\"-5,00\";\"\";\"Venter\";\"Nej\"\n"
        }
        "mbank" => {
            "mBank S.A.;\n#Klient;\nŻółta Firma;\n\n#Data operacji;#Data księgowania;#Opis operacji;#Tytuł;#Nadawca/Odbiorca;#Numer konta;#Kwota;#Saldo po operacji;\n2026-07-01;2026-07-02;PRZELEW WEWNĘTRZNY;\"CZYNSZ ŁÓDŹ\";\"JAN ŻÓŁĆ\";'00';-500,00;1 000,00;\n2026-07-02;2026-07-02;PRZELEW PRZYCHODZĄCY;STRIPE;STRIPE;'99';1 234,56;2 234,56;\n;;;;;;#Saldo końcowe;2 234,56;\n"
        }
        "ubs" => {
            "Kontonummer:;0234 00000000.01;\nIBAN:;CH00;\nVon:;2026-07-01;\nBis:;2026-07-31;\nAnfangssaldo:;1000.00;\nSchlusssaldo:;1734.56;\nBewertet in:;CHF;\nAnzahl Transaktionen in diesem Zeitraum:;2;\n\nAbschlussdatum;Abschlusszeit;Buchungsdatum;Valutadatum;Währung;Belastung;Gutschrift;Einzelbetrag;Saldo;Transaktions-Nr.;Beschreibung1;Beschreibung2;Beschreibung3;Fussnoten\n2026-07-02;10:00:00;2026-07-02;2026-07-02;CHF;;1'234.56;;1734.56;TX2;Stripe;Gutschrift;STRIPE X4J1;\n2026-07-01;09:00:00;2026-07-01;2026-07-01;CHF;-500.00;;;500.00;TX1;Vermieter;Dauerauftrag;MIETE;\n"
        }
        "hdfc" => {
            "HDFC BANK Ltd.,,,,,,\nStatement of account,,,,,,\nDate,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n********,**********,****,****,****,****,****\n01/07/26,RENT,0001,01/07/26,500.00,,\"1,00,000.00\"\n02/07/26,STRIPE,REF77,02/07/26,,\"1,234.56\",\"1,01,234.56\"\n"
        }
        "mizuho" => "勘定日,出金（円）,入金（円）,摘要\n2026.7.1,\"50,000\",,家賃\n2026.7.2,,\"123,456\",ストライプ\n",
        "smbc" => "日付,お引出し,お預入れ,お取り扱い内容,残高\n2026/7/1,50000,,家賃,100000\n2026/7/2,,123456,ストライプ,223456\n",
        other => panic!("no sample of {other}"),
    };
    match name {
        "sparkasse" | "danske" | "rabobank" | "deutsche-bank" => latin(text),
        "sparkasse-mt940" => latin(&text.replace("02.07\"", "02.07.26\"")),
        "mbank" => encoding_rs::WINDOWS_1250.encode(text).0.into_owned(),
        "mizuho" | "smbc" => encoding_rs::SHIFT_JIS.encode(text).0.into_owned(),
        _ => text.as_bytes().to_vec(),
    }
}

#[test]
fn every_known_bank_is_read_as_itself() {
    let mut all = String::new();
    for known in dialects() {
        let profile = known.headerless.then_some(known.name.as_str());
        let asked = match known.name.as_str() {
            "danske" => Some("dkk"),
            "mbank" => Some("pln"),
            _ => None,
        };
        let statement = read_as(&sample(&known.name), profile, asked);
        assert_eq!(statement.format, format!("csv:{}", known.name));
        all += &show(&statement);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_bank_is_known_whatever_the_order_of_its_columns() {
    let text = "Amount,Running Bal.,Date,Description\n5.00,6.00,07/13/2026,A\n";
    assert_eq!(read_as(text.as_bytes(), None, None).format, "csv:bank-of-america");
}
