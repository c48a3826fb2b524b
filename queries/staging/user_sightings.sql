-- The IAM users that one batch of events names.
-- grain: one row per IAM user id, name and ARN of one batch of events
-- reads: events
select distinct
    user_principal_id as principal_id,
    split_part(user_arn, '/', -1) as user_name,
    user_arn,
    user_account_id as account_id
from events
where
    user_type = 'IAMUser'
    and user_principal_id like 'AIDA%'
    and user_principal_id not like '%EXAMPLE%'
    and user_arn is not null
