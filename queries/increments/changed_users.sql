-- Every IAM user whom new events name for the first time, or by another name than before.
-- grain: one row per IAM user id
-- reads: fresh_user_sightings, stored_user_sightings
select u.principal_id
from fresh_user_sightings as u
anti join stored_user_sightings as s
    on
        u.principal_id = s.principal_id
        and u.user_name is not distinct from s.user_name
        and u.user_arn is not distinct from s.user_arn
        and u.account_id is not distinct from s.account_id
