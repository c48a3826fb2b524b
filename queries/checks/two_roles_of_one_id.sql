-- Role ids that stand for two role ARNs: an id is never given to another role (semantics.md 3.2).
-- grain: one row per role id
-- reads: session_facts
select
    split_part(principal_id, ':', 1) as role_id,
    list_sort(list(distinct issuer_arn)) as role_arns
from session_facts
where user_type in ('AssumedRole', 'Role') and issuer_arn is not null
group by role_id
having count(distinct issuer_arn) > 1
