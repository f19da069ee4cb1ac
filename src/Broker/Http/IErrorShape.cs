using System.Text.Json;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// How a protocol of others words a refusal. Metadata of its routes: whatever refuses there takes this shape, lost
/// infrastructure included. The stable code, the next step and the request id follow in any shape.
/// </summary>
internal interface IErrorShape
{
    int StatusOf(RefusalCode code);

    /// <summary>What <c>WWW-Authenticate</c> of a 401 says; null for the bearer's.</summary>
    string? ChallengeOf(HttpContext http) => null;

    /// <summary>Writes the members before <c>code</c>.</summary>
    void Write(Utf8JsonWriter json, Refusal refusal);
}
