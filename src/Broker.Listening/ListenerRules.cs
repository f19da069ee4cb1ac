using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Broker.Listening;

/// <summary>
/// What holds on every listener of ours (broker, KMS, admin, authorizer, witness): one spelling for each address, HEAD
/// wherever GET, and content lengths of digits only.
/// </summary>
public static class ListenerRules
{
    /// <summary>
    /// Call it first of all middleware that writes answers, and call <c>UseRouting</c> after it.
    /// </summary>
    public static void UseHeadRequests(this WebApplication app) => app.Use(HeadRequests.AnswerAsync);

    /// <summary>
    /// Answers 404 to every spelling of an address that is not the route's own. Call it before <c>UseRouting</c>.
    /// </summary>
    public static void UseOneSpelling(this WebApplication app)
    {
        var routes = new Lazy<RouteSpellings>(() => RouteSpellings.Of(app));
        app.Use((http, next) =>
        {
            if (routes.Value.Has(http)) return next(http);
            http.Response.StatusCode = Microsoft.AspNetCore.Http.StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Refuses a <c>Content-Length</c> that is not <c>1*DIGIT</c> (RFC 9110 §8.6), such as <c>+2</c>.
    /// </summary>
    public static void RequireDigitsInContentLength(this KestrelServerOptions kestrel) =>
        kestrel.RequestHeaderEncodingSelector = DigitsEncoding.ForHeader;
}
