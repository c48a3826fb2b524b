-- Every record that may be one of several copies of a call, and every record that shows only
-- another account's caller. AWS's own service calls share ids with AWS's accounts: left out
-- (semantics.md 1.1, 3.3).
-- grain: one row per record
-- reads: identified_events
select
    event_id,
    recipient_account_id,
    event_date,
    shared_event_id,
    event_name,
    user_type,
    principal_id,
    user_arn,
    user_account_id,
    user_access_key_id,
    user_name,
    creation_date
from identified_events
where
    user_type = 'AWSAccount'
    or (
        shared_event_id is not null
        and user_type in ('IAMUser', 'Root', 'AssumedRole', 'Role', 'FederatedUser')
    )
