-- The caller of every record that shows only another account's caller (type AWSAccount), where the
-- lake knows more: the caller's own copy of the same call (same sharedEventID, same principal,
-- where it shows more than the account), else the IAM user whose id it is (semantics.md 3.3).
-- Nothing else may name the caller of such a record.
-- grain: one row per record of type AWSAccount whose caller is known
-- reads: shared_records, users
with thin as (
    select * from shared_records
    where user_type = 'AWSAccount'
),

known as (
    select
        t.event_id,
        t.recipient_account_id,
        t.event_date,
        r.event_id as copy_event_id,
        r.user_type,
        r.principal_id,
        r.user_arn,
        r.user_account_id,
        r.user_access_key_id,
        r.user_name,
        r.creation_date
    from shared_records as r
    inner join thin as t on r.shared_event_id = t.shared_event_id and r.event_name = t.event_name
    where
        r.user_type <> 'AWSAccount'
        and coalesce(r.user_account_id = t.user_account_id, true)
        and coalesce(t.principal_id in (r.principal_id, t.user_account_id), true)
    union all
    select
        t.event_id,
        t.recipient_account_id,
        t.event_date,
        null as copy_event_id,
        'IAMUser' as user_type,
        u.principal_id,
        u.user_arn,
        u.account_id as user_account_id,
        null as user_access_key_id,
        u.user_name,
        null as creation_date
    from thin as t
    inner join users as u on t.principal_id = u.principal_id
)

select *
from known
qualify
    row_number() over (
        partition by event_id, recipient_account_id
        order by copy_event_id is null, user_access_key_id is null, copy_event_id
    ) = 1
