using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.AwsContainer;

/// <summary>
/// What the address asks for: <c>/v1/aws/credentials[/{role}][?role=…&amp;duration_seconds=…&amp;reason=…]</c>.
/// </summary>
/// <param name="Role">By name or ARN; null for the default one.</param>
internal sealed record ContainerWish(string? Role, int? LifetimeSeconds, string? Reason)
{
    public static Result<ContainerWish> Of(HttpRequest request, string? pathRole)
    {
        foreach (var name in (string[])["role", "duration_seconds", "reason"])
        {
            if (request.Query[name].Count > 1) return Wrong($"{name} is there more than once");
        }

        var role = Text(request, "role");
        if (pathRole is not null && role is not null && role != pathRole)
            return Wrong("the path and the query name different roles");
        if (Text(request, "duration_seconds") is not { } duration)
            return new ContainerWish(pathRole ?? role, null, Text(request, "reason"));
        return DecimalDigits.TryRead(duration, out var seconds) && seconds <= int.MaxValue
            ? new ContainerWish(pathRole ?? role, (int)seconds, Text(request, "reason"))
            : Wrong("duration_seconds must be a whole number");
    }

    private static string? Text(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var given) ? given[0] ?? "" : null;

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}
