using Broker.Foundation.Results;
using Broker.Http;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Protocol;

/// <summary>Reads the body of an OAuth request: a form, each parameter once (RFC 6749 §3.2, appendix B).</summary>
internal static class FormRequest
{
    private const string MediaType = "application/x-www-form-urlencoded";
    private const int MostParameters = 64;

    public static async Task<Result<OpenIddictRequest>> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        var mediaType = request.ContentType.AsSpan();
        if (mediaType.IndexOf(';') is >= 0 and var parameters) mediaType = mediaType[..parameters];
        if (!mediaType.Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase))
            return new Refusal(HttpRefusals.UnsupportedMediaType, $"the body must be {MediaType}");

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(stop);
        }
        catch (InvalidDataException)
        {
            return Wrong("the body is not acceptable as a form");
        }

        if (form.Count > MostParameters) return Wrong($"the body must have at most {MostParameters} parameters");
        foreach (var (name, values) in form)
        {
            if (values.Count != 1) return Wrong("a parameter must not be there more than once");

            // RFC 6749 §3.1: a parameter without a value is treated as if it were left out. We say so instead.
            if (name.Length == 0 || string.IsNullOrEmpty(values[0])) return Wrong("a parameter must have a value");
        }

        return new OpenIddictRequest(form);
    }

    private static Refusal Wrong(string why) => new(OAuthRefusals.InvalidRequest, why);
}
