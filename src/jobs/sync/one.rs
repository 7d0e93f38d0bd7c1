//! One object, read again by its id: Stripe has no list of what changed.

use facts::ObjectKind;
use stripe::{Call, Page};

use super::accounts::Target;
use super::context::{Context, Halt};
use super::parts;
use super::writer::{Count, PageTask};

/// Reads an object by its id and hands it to the writer.
pub async fn read(context: &Context<'_>, target: &Target, kind: ObjectKind, id: &str) -> Result<(), Halt> {
    let call = Call::one(kind, id).on_behalf_of(target.behalf.clone());
    let mut page = context.get(&call, |answer| Page::read_one(kind, &target.id, answer)).await?;
    parts::complete(context, target, &mut page).await?;
    let task = PageTask {
        account: target.id.clone(),
        kind,
        request: call.target(),
        page,
        member_of: None,
        walk: None,
        count: Count::All,
        charges: None,
    };
    context.put(task).await
}
