//! What stands within objects: Stripe embeds the first ten, and lists the rest apart.

use facts::{Fact, Object};
use futures_util::{StreamExt, TryStreamExt};
use stripe::{CONCURRENCY, Call, Page, Pager, StripeError, declaration};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::writer::{Count, PageTask};

/// Reads the rest of every list that a page's objects hold cut off, so that the page can be written with all of it.
///
/// The rest is written first: once the page's own place is kept, nothing of it is missing.
pub async fn complete(context: &Context<'_>, target: &Target, page: &mut Page) -> Result<(), Halt> {
    let cut = page.facts.iter_mut().filter_map(cut_off);
    futures_util::stream::iter(cut)
        .map(|object| async move { read_rest(context, target, object).await })
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
}

/// An object whose parts are not all known.
fn cut_off(fact: &mut Fact) -> Option<&mut Object> {
    match fact {
        Fact::Object(object) if object.parts.as_ref().is_some_and(|parts| parts.ids.is_none()) => Some(object),
        _ => None,
    }
}

async fn read_rest(context: &Context<'_>, target: &Target, object: &mut Object) -> Result<(), Halt> {
    let (Some(part), Some(parts)) = (declaration(object.kind).part, object.parts.as_mut()) else { return Ok(()) };
    let mut ids: Vec<String> = parts.objects.iter().map(|object| object.id.clone()).collect();
    let call = Call::within(object.kind, &object.id, part.rest).on_behalf_of(target.behalf.clone());
    let mut pager = Pager::new(call, ids.last().cloned());
    while let Some(call) = pager.next() {
        let page = match context.get(&call, |answer| Page::read(part.kind, &target.id, answer)).await {
            // The whole was deleted meanwhile, which an event tells the next time.
            Err(Halt::Stripe(StripeError::NotFound { .. })) => return Ok(()),
            read => read?,
        };
        pager.take(&page).map_err(|why| Halt::Stripe(StripeError::bad_answer(&call, page.request_id.as_deref(), why)))?;
        ids.extend(page.items.iter().map(|item| item.id.clone()));
        let task = PageTask {
            account: target.id.clone(),
            kind: part.kind,
            request: call.target(),
            page,
            member_of: None,
            walk: None,
            count: Count::All,
            charges: None,
        };
        context.put(task).await?;
    }
    parts.ids = Some(ids);
    Ok(())
}
