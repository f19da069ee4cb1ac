using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Records;
using Broker.Ledger;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Admin;

/// <summary>
/// Lets operators in: with the token in <c>X-Admin-Token</c>, as a bearer, or as either half of basic credentials; or
/// with a name and password of the htpasswd file. Who brings something wrong is on record and gets 401, and 429 once
/// there were too many.
/// </summary>
internal sealed class AdminDoor(KmsOptions options, WrongTokenLimit limit, KmsRecords records)
{
    private readonly AdminToken _token = AdminToken.FromText(options.AdminAuthToken);

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (options.AdminInsecureNoAuth)
        {
            await next(http);
            return;
        }

        var presented = Presented(http.Request).ToList();
        if (presented.Any(one => _token.Matches(one.Token)))
        {
            await next(http);
            return;
        }

        if (presented.Count == 0)
        {
            Challenge(http.Response);
            return;
        }

        var client = http.Connection.RemoteIpAddress;
        if (!limit.TryTake(client))
        {
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            http.Response.Headers.RetryAfter =
                WrongTokenLimit.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return;
        }

        if (options.AdminUsers.HasUsers
            && presented.Any(one => one.Name is not null && options.AdminUsers.Matches(one.Name, one.Token)))
        {
            limit.GiveBack(client);
            await next(http);
            return;
        }

        await RecordAsync(http);
    }

    private async Task RecordAsync(HttpContext http)
    {
        try
        {
            var wrong = new Refusal(AdminRefusals.WrongToken, "Invalid token");
            await records.RefuseAsync(
                KmsAction.Admin, wrong, KmsSubject.Unknown, http.TraceIdentifier, http.Connection.RemoteIpAddress);
            Challenge(http.Response);
        }
        catch (LedgerUnavailableException)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    private static void Challenge(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.Headers.WWWAuthenticate = "Basic realm=\"dstack-kms admin\"";
    }

    /// <summary>At most one of each kind, so that one request is one guess.</summary>
    private static IEnumerable<Credential> Presented(HttpRequest request)
    {
        if (request.Headers["X-Admin-Token"] is { Count: > 0 } tokens)
            yield return new Credential(null, tokens[0] ?? "");
        if (request.Headers.Authorization is not { Count: > 0 } headers
            || !AuthenticationHeaderValue.TryParse(headers[0], out var value) || value.Parameter is null)
        {
            yield break;
        }

        if (value.Scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase))
            yield return new Credential(null, value.Parameter);
        if (value.Scheme.Equals("basic", StringComparison.OrdinalIgnoreCase)) yield return Basic(value.Parameter);
    }

    /// <summary>The password; or the user name, where the password is empty.</summary>
    private static Credential Basic(string parameter)
    {
        if (!Base64Text.TryRead(parameter, out var bytes)) return new Credential(null, "");
        var pair = Encoding.UTF8.GetString(bytes);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return new Credential(null, "");
        return colon == pair.Length - 1
            ? new Credential(null, pair[..colon])
            : new Credential(pair[..colon], pair[(colon + 1)..]);
    }

    /// <summary>What a request brings.</summary>
    /// <param name="Name">Null where it is a token and nothing else.</param>
    private sealed record Credential(string? Name, string Token);
}
