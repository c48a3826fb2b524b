-- Every successful call that issued credentials. The copies of one cross-account call are one
-- row, the caller taken from the richer copy: the role owner's names no ARN and no key
-- (semantics.md 3.3), so that a key that "issues itself" may show only when both are there; an
-- IAM user's id alone still names the user. `caller_id` names the caller as far as the record
-- tells one caller from another; `caller_key_id` also tells apart the keys of one session;
-- `caller_is_vague` where it shows the caller's principal but not its session (the role owner's
-- copy, SwitchFrom).
-- grain: one row per issuing call
-- reads: issuing_events, users
with copies as (
    select
        *,
        row_number() over (
            partition by call_id, event_name, issued_at
            order by
                caller_type = 'AWSAccount',
                caller_arn is null,
                caller_access_key_id is null,
                event_id,
                recipient_account_id
        ) as richness_rank
    from issuing_events
),

gathered as (
    select
        call_id,
        event_name,
        issued_at,
        min(access_key_id) as access_key_id,
        min(principal_id) as principal_id,
        min(role_arn) as role_arn,
        min(session_name) as session_name,
        min(session_arn) as session_arn,
        bool_or(key_may_differ) as key_may_differ,
        min(source_identity) as source_identity,
        min(expires_at) as expires_at,
        min(session_tags) as session_tags,
        min(transitive_tag_keys) as transitive_tag_keys,
        min(incoming_tags) as incoming_tags,
        list_sort(list(distinct event_id)) as event_ids,
        list_sort(
            list(distinct recipient_account_id) filter (recipient_account_id is not null)
        ) as recipient_account_ids
    from copies
    group by call_id, event_name, issued_at
),

calls as (
    select
        g.* exclude (access_key_id),
        nullif(g.access_key_id, c.caller_access_key_id) as access_key_id,
        c.event_id,
        c.event_source,
        c.issue_kind,
        c.sign_in_session_arn,
        if(u.principal_id is null, c.caller_type, 'IAMUser') as caller_type,
        (c.caller_type = 'AWSAccount' and u.principal_id is null)
        or (c.issue_kind = 'switch-role' and c.caller_type = 'AssumedRole')
            as caller_is_vague,
        c.caller_principal_id,
        c.caller_creation_date,
        c.caller_access_key_id,
        coalesce(c.caller_arn, u.user_arn) as caller_arn,
        c.caller_account_id,
        coalesce(c.caller_user_name, u.user_name) as caller_user_name,
        c.caller_invoked_by,
        c.caller_identity_provider,
        c.caller_on_behalf_of_user_id,
        c.caller_on_behalf_of_identity_store_arn,
        c.caller_mfa
    from gathered as g
    inner join copies as c
        on
            g.call_id = c.call_id
            and g.event_name = c.event_name
            and g.issued_at = c.issued_at
            and c.richness_rank = 1
    left join users as u
        on c.caller_principal_id = u.principal_id and c.caller_type = 'AWSAccount'
)

select
    substr(md5(call_id || '/' || event_name || '/' || issued_at), 1, 16) as issue_id,
    issued_at::date as issue_date,
    *,
    case
        when caller_type = 'AWSService' then 'service:' || caller_invoked_by
        when caller_type in ('SAMLUser', 'WebIdentityUser')
            then
                caller_type || ':' || coalesce(caller_identity_provider, '')
                || ':' || coalesce(caller_principal_id, caller_user_name, event_id)
        when caller_type = 'IdentityCenterUser'
            then
                'person:' || coalesce(caller_on_behalf_of_identity_store_arn, '')
                || ':' || coalesce(caller_on_behalf_of_user_id, event_id)
        when caller_type = 'IAMUser' then 'user:' || coalesce(caller_arn, caller_principal_id)
        when caller_type = 'AWSAccount'
            then
                'account:' || coalesce(caller_account_id, '')
                || ':' || coalesce(caller_principal_id, event_id)
        else
            'session:' || coalesce(caller_principal_id, caller_arn, event_id)
            || '@' || coalesce(strftime(caller_creation_date, '%Y-%m-%dT%H:%M:%S'), '')
    end as caller_id,
    caller_id || '/' || coalesce(caller_access_key_id, '') as caller_key_id
from calls
