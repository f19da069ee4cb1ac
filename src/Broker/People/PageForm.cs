using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.People;

/// <summary>A form of one of our pages, checked: it came from a page that this very browser was given.</summary>
internal sealed class PageForm
{
    /// <summary>The hidden field that carries the form's token.</summary>
    public const string TokenField = "form_token";

    private const string MediaType = "application/x-www-form-urlencoded";

    private readonly IFormCollection _fields;

    private PageForm(IFormCollection fields) => _fields = fields;

    /// <summary>A field that is there once; the empty text for every other.</summary>
    public string this[string name] => _fields.TryGetValue(name, out var values) && values.Count == 1
        ? values[0]?.Trim() ?? ""
        : "";

    public static async ValueTask<Result<PageForm>> ReadAsync(HttpRequest request, Visits visits, CancellationToken stop)
    {
        var mediaType = request.ContentType.AsSpan();
        if (mediaType.IndexOf(';') is >= 0 and var parameters) mediaType = mediaType[..parameters];
        if (!mediaType.Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase))
            return visits.CheckForm(request, null)!;
        try
        {
            var form = new PageForm(await request.ReadFormAsync(stop));
            return visits.CheckForm(request, form[TokenField]) is { } forged ? forged : form;
        }
        catch (InvalidDataException)
        {
            return new Refusal(HttpRefusals.InvalidField, "the body is not acceptable as a form");
        }
    }
}
