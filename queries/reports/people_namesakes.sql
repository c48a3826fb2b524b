-- IAM users of one account and name with several unique ids: one was deleted, and another made
-- under its name. An AIDA id is never given to another user.
-- grain: one row per IAM user id
-- reads: events
select
    user_account_id as actor_account,
    split_part(user_arn, '/', -1) as actor_name,
    user_principal_id as principal_id,
    min(event_time) as first_time,
    max(event_time) as last_time,
    count(*) as events
from events
where
    user_type = 'IAMUser'
    and user_principal_id like 'AIDA%'
    and user_principal_id not like '%EXAMPLE%'
    and user_arn is not null
group by user_account_id, split_part(user_arn, '/', -1), user_principal_id
qualify count(*) over (partition by user_account_id, split_part(user_arn, '/', -1)) > 1
order by actor_account asc, actor_name asc, first_time asc, principal_id asc
