-- Every successful call that issued credentials. The copies of one cross-account call are one
-- row, the caller taken from the richer copy: the role owner's names no ARN and no key
-- (semantics.md 3.3). `caller_id` names the caller as far as the record tells one caller
-- from another; `caller_key_id` also tells apart the keys of one session.
-- grain: one row per issuing call
-- reads: issuing_events
with copies as (
    select
        *,
        coalesce(shared_event_id, request_id || '@' || issued_at, event_id) as call_id,
        row_number() over (
            partition by
                coalesce(shared_event_id, request_id || '@' || issued_at, event_id),
                event_name,
                issued_at
            order by
                caller_type = 'AWSAccount',
                caller_arn is null,
                caller_access_key_id is null,
                event_id,
                recipient_account_id
        ) as richness_rank
    from issuing_events
),

calls as (
    select
        event_name,
        issued_at,
        min(event_source) as event_source,
        min(access_key_id) as access_key_id,
        min(principal_id) as principal_id,
        min(role_arn) as role_arn,
        min(session_name) as session_name,
        min(source_identity) as source_identity,
        min(expires_at) as expires_at,
        list_sort(list(distinct event_id)) as event_ids,
        list_sort(
            list(distinct recipient_account_id) filter (recipient_account_id is not null)
        ) as recipient_account_ids,
        min(event_id) filter (richness_rank = 1) as event_id,
        min(caller_type) filter (richness_rank = 1) as caller_type,
        min(caller_principal_id) filter (richness_rank = 1) as caller_principal_id,
        min(caller_creation_date) filter (richness_rank = 1) as caller_creation_date,
        min(caller_access_key_id) filter (richness_rank = 1) as caller_access_key_id,
        min(caller_arn) filter (richness_rank = 1) as caller_arn,
        min(caller_account_id) filter (richness_rank = 1) as caller_account_id,
        min(caller_user_name) filter (richness_rank = 1) as caller_user_name,
        min(caller_invoked_by) filter (richness_rank = 1) as caller_invoked_by,
        min(caller_identity_provider) filter (richness_rank = 1) as caller_identity_provider
    from copies
    group by call_id, event_name, issued_at
)

select
    substr(md5(event_id || '/' || event_name), 1, 16) as issue_id,
    *,
    case
        when caller_type = 'AWSService' then 'service:' || caller_invoked_by
        when caller_type in ('SAMLUser', 'WebIdentityUser')
            then
                caller_type || ':' || coalesce(caller_identity_provider, '')
                || ':' || coalesce(caller_principal_id, caller_user_name, event_id)
        when caller_type = 'IAMUser' then 'user:' || coalesce(caller_principal_id, caller_arn)
        when caller_type = 'AWSAccount'
            then
                'account:' || coalesce(caller_account_id, '')
                || ':' || coalesce(caller_principal_id, event_id)
        else
            'session:' || coalesce(caller_principal_id, event_id)
            || '@' || coalesce(strftime(caller_creation_date, '%Y-%m-%dT%H:%M:%S'), '')
    end as caller_id,
    caller_id || '/' || coalesce(caller_access_key_id, '') as caller_key_id
from calls
