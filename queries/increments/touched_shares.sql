-- Every record of another account's caller that new events may explain.
-- grain: one row per record
-- reads: changed_users, fresh_shared_records, stored_shared_records
select
    event_id,
    recipient_account_id,
    shared_event_id,
    event_date
from fresh_shared_records
where user_type = 'AWSAccount'
union
select
    s.event_id,
    s.recipient_account_id,
    s.shared_event_id,
    s.event_date
from stored_shared_records as s
where
    s.user_type = 'AWSAccount'
    and (
        s.shared_event_id in (
            select f.shared_event_id from fresh_shared_records as f
            where f.shared_event_id is not null
        )
        or s.principal_id in (select u.principal_id from changed_users as u)
    )
