-- The day from which on stored calls and sessions may concern new events: three days before the
-- oldest session or call among them. Credentials live 36 hours at most (semantics.md 4), and every
-- rule ties a session to a call of its own second, of 15 minutes or 12 hours before, or of its
-- sign-in session. What has no creation date, or is tied otherwise, is looked for in all days.
-- grain: one row; null where nothing new is of any time
-- reads: fresh_issuing_events, fresh_session_key_parts, stored_issuing_events, touched_calls
select min(began_at)::date - 3 as day
from (
    select creation_date as began_at
    from fresh_session_key_parts
    union all
    select issued_at as began_at
    from fresh_issuing_events
    union all
    select caller_creation_date as began_at
    from fresh_issuing_events
    where issue_kind = 'oauth-token'
    union all
    select least(issued_at, caller_creation_date) as began_at
    from stored_issuing_events
    where call_id in (select t.call_id from touched_calls as t)
) as n
