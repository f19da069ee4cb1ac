using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.OAuth.Clients;

/// <summary>Why a client's session gets less than it asks for.</summary>
internal static class ClientRefusals
{
    public static readonly RefusalCode RoleNotOfClient = Refused.Forbidden(
        "role_not_of_client", "Ask for one of the roles that BROKER_OAUTH_CLIENTS_FILE gives the client.");

    public static readonly RefusalCode ClientGone = Refused.Forbidden(
        "client_gone", "Ask the operator to put the client back into BROKER_OAUTH_CLIENTS_FILE.");

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        RoleNotOfClient, ClientGone,
    ];
}
