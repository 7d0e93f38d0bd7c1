//! What banks write in status and indicator columns.

use crate::profile::Profile;
use crate::text::fold;

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Out,
    In,
}

/// Folded words for money out. `RC` takes a credit back, `RD` a debit (SWIFT MT940).
const OUT: &str = "af d dr db dbit debit debet s soll rc debito cargo dare addebito uitgaand out outgoing withdrawal belastung lastschrift depense obciazenie moneyout wn minus";
/// Folded words for money in.
const IN: &str = "bij c cr crdt credit k kredit h haben rd credito abono avere accredito inkomend in incoming deposit gutschrift recette uznanie moneyin ma plus";

/// Which way an indicator's word says that the money goes; `None` for a word that says nothing.
pub(crate) fn direction(word: &str, profile: Option<&Profile>) -> Option<Direction> {
    let folded = match word.trim() {
        "-" => "minus".to_owned(),
        "+" => "plus".to_owned(),
        word => fold(word),
    };
    let own = |words: &[String]| words.iter().any(|word| fold(word) == folded);
    if let Some(profile) = profile.filter(|profile| !profile.money_out.is_empty() || !profile.money_in.is_empty()) {
        return if own(&profile.money_out) { Some(Direction::Out) } else { own(&profile.money_in).then_some(Direction::In) };
    }
    let stands = |words: &str| !folded.is_empty() && words.split(' ').any(|known| fold(known) == folded);
    if stands(OUT) { Some(Direction::Out) } else { stands(IN).then_some(Direction::In) }
}

/// Whether a line counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Booked,
    Pending,
    Failed,
    Unknown,
}

const BOOKED: &str = "booked|book|posted|completed|complete|cleared|settled|executed|sent|success|successful|succeeded|done|final|paid|processed|confirmed|reconciled|approved|active|ok|yes|gebucht|umsatz gebucht|verbucht|abgeschlossen|ausgeführt|erledigt|comptabilisé|exécuté|exécutée|effectué|effectuée|terminé|réalisé|validé|contabilizado|contabilizada|completado|completada|realizado|realizada|ejecutado|ejecutada|confirmado|verwerkt|geboekt|uitgevoerd|voltooid|contabilizzato|contabilizzata|eseguito|eseguita|completato|concluído|concluída|efetuado|processado|udført|gennemført|bogført|genomförd|bokförd|utført|bokført|zrealizowana|zaksięgowana|zaksięgowano|wykonana|rozliczona|zaúčtováno";
const PENDING: &str = "pending|pdng|processing|in progress|authorised|authorized|authorisation|authorization|hold|on hold|upcoming|scheduled|future|info|open|unposted|created|vorgemerkt|umsatz vorgemerkt|vorgemerkte buchung|vormerkung|offen|in bearbeitung|ausstehend|en attente|en cours|à venir|pendiente|en proceso|retenido|in behandeling|gereserveerd|reservering|in attesa|in sospeso|non contabilizzato|pendente|em processamento|afventer|venter|reserveret|reserverad|väntande|reservert|oczekująca|w toku|blokada|oczekuje|čeká";
const FAILED: &str = "failed|fail|declined|rejected|reverted|cancelled|canceled|void|voided|expired|error|blocked|refused|fehlgeschlagen|abgelehnt|storniert|abgebrochen|échoué|échouée|refusé|refusée|annulé|annulée|rejeté|rechazado|rechazada|cancelado|cancelada|anulado|anulada|fallido|mislukt|geweigerd|geannuleerd|fallito|fallita|annullato|annullata|rifiutato|recusado|recusada|falhado|afvist|annulleret|avvisad|avbruten|odrzucona|anulowana|zamítnuto";

/// Whether a line with this status counts. An empty status does.
pub(crate) fn standing(word: &str, profile: Option<&Profile>) -> Standing {
    let folded = fold(word);
    let stands = |words: &str| words.split('|').any(|known| fold(known) == folded);
    let own = profile.map(|profile| profile.booked.as_slice()).unwrap_or_default();
    if folded.is_empty() || own.iter().any(|word| fold(word) == folded) {
        Standing::Booked
    } else if stands(FAILED) {
        Standing::Failed
    } else if stands(PENDING) || (!own.is_empty()) {
        Standing::Pending
    } else if stands(BOOKED) {
        Standing::Booked
    } else {
        Standing::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_pair_is_known_in_both_directions() {
        for (out, into) in [
            ("Af", "Bij"),
            ("S", "H"),
            ("DR", "CR"),
            ("D", "C"),
            ("RC", "RD"),
            ("Soll", "Haben"),
            ("Debit", "Credit"),
            ("DBIT", "CRDT"),
            ("-", "+"),
            ("débit", "crédit"),
        ] {
            assert_eq!(direction(out, None), Some(Direction::Out), "{out}");
            assert_eq!(direction(into, None), Some(Direction::In), "{into}");
        }
        assert_eq!(direction("Transfer", None), None);
    }

    #[test]
    fn a_status_is_booked_pending_failed_or_a_question() {
        assert_eq!(standing("Umsatz gebucht", None), Standing::Booked);
        assert_eq!(standing("PENDING", None), Standing::Pending);
        assert_eq!(standing("Declined", None), Standing::Failed);
        assert_eq!(standing("Zebra", None), Standing::Unknown);
    }
}
