using System.Text.Json;

namespace Broker.LocalCloud.Ses;

/// <summary>The part of SES v2's <c>SendEmail</c> that is served: simple content.</summary>
internal sealed record SendEmailRequest(string? FromEmailAddress, EmailDestination? Destination, EmailContent? Content)
{
    private static readonly JsonSerializerOptions Json = new() { AllowDuplicateProperties = false };

    /// <returns>The request, or null when it is not one.</returns>
    public static SendEmailRequest? Parse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<SendEmailRequest>(body, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record EmailDestination(
    IReadOnlyList<string>? ToAddresses, IReadOnlyList<string>? CcAddresses, IReadOnlyList<string>? BccAddresses)
{
    public IReadOnlyList<string> All() => [.. ToAddresses ?? [], .. CcAddresses ?? [], .. BccAddresses ?? []];
}

internal sealed record EmailContent(SimpleContent? Simple);

internal sealed record SimpleContent(ContentPart? Subject, EmailBody? Body);

internal sealed record EmailBody(ContentPart? Text, ContentPart? Html);

internal sealed record ContentPart(string? Data);
