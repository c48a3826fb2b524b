-- Every issuing call that new events may change: a copy of it is new, or it shows only the id of
-- an IAM user of whom something new is known.
-- grain: one row per call id
-- reads: changed_users, fresh_issuing_events, stored_issuing_events
select call_id
from fresh_issuing_events
union
select i.call_id
from stored_issuing_events as i
where
    i.caller_type = 'AWSAccount'
    and i.caller_principal_id in (select u.principal_id from changed_users as u)
