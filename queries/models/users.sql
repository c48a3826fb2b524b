-- The IAM users that the log names. An AIDA id is never given to another user (semantics.md 6),
-- so it names its user also where a record shows nothing else. A user who was renamed or moved
-- is left out: by which name he went at the time, another may go now.
-- grain: one row per IAM user id
-- reads: user_sightings
select
    principal_id,
    max(user_name) as user_name,
    max(user_arn) as user_arn,
    max(account_id) as account_id
from user_sightings
group by principal_id
having count(distinct user_arn) = 1
