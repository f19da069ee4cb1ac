using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// How a route for people shows a refusal: as a page in the place of JSON. Metadata of its routes: whatever refuses
/// there is shown so, lost infrastructure included.
/// </summary>
internal interface IErrorPage
{
    /// <summary>Writes the page. The refusal is noted, and <c>Retry-After</c> is set where it belongs.</summary>
    Task WriteAsync(HttpContext http, Refusal refusal);
}
