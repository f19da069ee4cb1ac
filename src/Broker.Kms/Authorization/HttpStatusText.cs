using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Broker.Kms.Authorization;

/// <summary>A foreign server's status in the standard's words, since its own phrase is its own text.</summary>
internal static class HttpStatusText
{
    /// <summary>Such as <c>500 Internal Server Error</c>.</summary>
    public static string Of(HttpStatusCode status) =>
        $"{(int)status} {ReasonPhrases.GetReasonPhrase((int)status)}".TrimEnd();
}
