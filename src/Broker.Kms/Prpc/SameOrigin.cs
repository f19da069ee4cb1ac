using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Prpc;

/// <summary>
/// Keeps other web sites from using an operator's browser against a service that knows no log-in. Browsers say where a
/// request comes from (<c>Sec-Fetch-Site</c>); programs say nothing and are let through.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Answers 403 to a request that a page of another origin caused.</summary>
    public static void RequireSameOrigin(this WebApplication app) => app.Use(async (http, next) =>
    {
        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "" or "same-origin" or "none")
        {
            await next(http);
            return;
        }

        var refusal = PrpcReply.Failure(StatusCodes.Status403Forbidden, "requests from other sites are not accepted");
        await refusal.WriteAsync(http.Response, PrpcEncoding.Json, http.RequestAborted);
    });
}
