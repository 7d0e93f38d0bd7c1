//! What goes on in this process, whoever began it: a server that reads its settings again is another one in the same process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Outside;

/// How often each name goes on.
#[derive(Clone, Default)]
pub struct Going(Arc<Mutex<BTreeMap<String, u32>>>);

/// Something that goes on until this is dropped.
pub struct Goes {
    name: String,
    all: Going,
}

impl Outside {
    /// Something begins that is called so.
    pub fn going(&self, name: &str) -> Goes {
        let mut all = self.going.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(name.to_owned()).or_default() += 1;
        Goes { name: name.to_owned(), all: self.going.clone() }
    }

    /// The names of all that goes on.
    pub fn all_going(&self) -> Vec<String> {
        self.going.0.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

impl Drop for Goes {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.name) {
            Some(times) if *times > 1 => *times -= 1,
            _ => drop(all.remove(&self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_on_until_the_last_that_is_called_so_has_ended() {
        let outside = Outside::real().unwrap();
        let (one, other) = (outside.going("a"), outside.clone().going("a"));
        drop(one);
        assert_eq!(outside.all_going(), ["a"]);
        drop(other);
        assert!(outside.all_going().is_empty());
    }
}
