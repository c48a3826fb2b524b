-- Every issuing call that new events may change: a copy of it is new, or it shows only the id of
-- an IAM user who was not known before.
-- grain: one row per call id
-- reads: fresh_issuing_events, fresh_user_sightings, stored_issuing_events, stored_user_sightings
select call_id
from fresh_issuing_events
union
select i.call_id
from stored_issuing_events as i
inner join fresh_user_sightings as u on i.caller_principal_id = u.principal_id
where
    i.caller_type = 'AWSAccount'
    and u.principal_id not in (select s.principal_id from stored_user_sightings as s)
