-- Every event with the session key that its identity names. A SwitchRole or ConsoleLogin
-- record without a creation date is itself the second its session began (semantics.md 2).
-- grain: one row per event
-- kind: view
-- reads: events
select
    *,
    coalesce(user_principal_id, user_arn) as principal_id,
    coalesce(
        session_creation_date,
        case
            when
                event_source = 'signin.amazonaws.com'
                and event_name in ('SwitchRole', 'ConsoleLogin')
                and error_message is null
                and coalesce(response_elements ->> ('$.' || event_name), 'Success') <> 'Failure'
                then event_time
        end
    ) as creation_date
from events
