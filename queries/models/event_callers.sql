-- The caller of every record that shows only another account's caller (type AWSAccount), where
-- the caller's own copy of the same call is in the lake: same sharedEventID, same principal
-- (semantics.md 3.3). Nothing else may name the caller of such a record.
-- grain: one row per record of type AWSAccount whose richer copy is known
-- reads: events
with thin as (
    select event_id, recipient_account_id, shared_event_id, event_name, user_principal_id,
        user_account_id
    from events
    where user_type = 'AWSAccount' and shared_event_id is not null
),

rich as (
    select
        t.event_id,
        t.recipient_account_id,
        r.event_id as copy_event_id,
        r.user_type,
        r.user_principal_id,
        r.user_arn,
        r.user_account_id,
        r.user_access_key_id,
        r.user_name,
        r.session_creation_date,
        row_number() over (
            partition by t.event_id, t.recipient_account_id
            order by r.user_access_key_id is null, r.event_id
        ) as richness_rank
    from events as r
    inner join thin as t on r.shared_event_id = t.shared_event_id and r.event_name = t.event_name
    where
        r.user_type not in ('AWSAccount', 'AWSService')
        and coalesce(r.user_account_id = t.user_account_id, true)
        and coalesce(r.user_principal_id = t.user_principal_id, true)
)

select * exclude (richness_rank)
from rich
where richness_rank = 1
