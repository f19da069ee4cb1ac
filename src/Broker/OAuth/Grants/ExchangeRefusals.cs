using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.OAuth.Grants;

/// <summary>Why a session is not exchanged, or gets less than it asks for.</summary>
internal static class ExchangeRefusals
{
    public static readonly RefusalCode ActorNotOfSubject = Refused.Forbidden(
        "actor_not_of_subject",
        "Send as subject_token the session of a master, and as actor_token that of an agent that it has paired.");

    public static readonly RefusalCode RoleNotOfSession = Refused.Forbidden(
        "role_not_of_session", "Ask for the role that the session was narrowed to, which the message names.");

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [ActorNotOfSubject, RoleNotOfSession];
}
