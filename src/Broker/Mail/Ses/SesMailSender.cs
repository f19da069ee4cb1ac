using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Identity;

namespace Broker.Mail.Ses;

/// <summary>
/// SES v2 <c>SendEmail</c> with simple content (contract §7.3): SES makes the MIME of it, and needs the permission
/// <c>ses:SendEmail</c> alone.
/// </summary>
internal sealed class SesMailSender(SesEdge ses, SesOptions options, MailOptions mail) : IMailSender
{
    private const string Operation = "SendEmail";

    public async Task<Refusal?> SendAsync(OutgoingMail outgoing, CancellationToken stop) => (await SendAsync(
        new SesMessage(mail.From!, [outgoing.To], outgoing.Subject, outgoing.Text, outgoing.Html)
        {
            IsAutomatic = true,
        }, stop)).Refusal;

    /// <summary>Sends a message whoever its sender is, and gives SES's id of it.</summary>
    public async Task<Result<string>> SendAsync(SesMessage message, CancellationToken stop)
    {
        var call = new SesCall(Operation, HttpMethod.Post, "/v2/email/outbound-emails") { Body = Write(message) };
        var reply = await ses.CallAsync(call, stop);
        if (reply.Refusal is { } failed) return failed;
        if (reply.Value.Error is { } error) return Explain(error);
        return reply.Value.Answer is { ValueKind: JsonValueKind.Object } answer
            && answer.TryGetProperty("MessageId", out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()!
            : "";
    }

    /// <summary>What a code of SES's means for the caller (API reference, SendEmail, "Errors").</summary>
    private static Refusal Explain(string error) => error switch
    {
        "AccessDeniedException" or "AccessDenied" => Failed(error, MailRefusals.Denied,
            "the broker's AWS identity lacks ses:SendEmail"),
        "MessageRejected" => Failed(error, MailRefusals.SenderUnverified,
            "SES does not take mail of this sender, or is in its sandbox"),
        "MailFromDomainNotVerifiedException" => Failed(error, MailRefusals.SenderUnverified,
            "the sender's MAIL FROM domain is not verified"),
        "TooManyRequestsException" or "ThrottlingException" or "Throttling" or "LimitExceededException" =>
            Failed(error, MailRefusals.Throttled, "SES asks for fewer mails") with
            {
                RetryAfter = TimeSpan.FromMinutes(1),
            },
        "AccountSuspendedException" or "SendingPausedException" => Failed(error, MailRefusals.NotSent,
            "SES has stopped sending for this account"),
        "NotFoundException" => Failed(error, MailRefusals.NotSent, "SES does not know the configuration set"),
        "InvalidClientTokenId" or "UnrecognizedClientException" or "InvalidSignatureException"
            or "SignatureDoesNotMatch" or "IncompleteSignatureException" or "ExpiredTokenException" =>
            Failed(error, MailRefusals.NotSent, "SES does not take the broker's own AWS key"),
        _ => Failed(error, MailRefusals.NotSent, "SES refused"),
    };

    private static Refusal Failed(string error, RefusalCode code, string why) =>
        new(code, $"ses {Operation}: {error}: {why}");

    private byte[] Write(SesMessage message)
    {
        var body = new ArrayBufferWriter<byte>(8192);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("FromEmailAddress"u8, message.From.ToString());
            json.WriteStartObject("Destination"u8);
            json.WriteStartArray("ToAddresses"u8);
            foreach (var to in message.To) json.WriteStringValue(to.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
            if (options.ConfigurationSet is { } set) json.WriteString("ConfigurationSetName"u8, set);
            if (options.FeedbackAddress is { } feedback)
                json.WriteString("FeedbackForwardingEmailAddress"u8, feedback.ToString());
            WriteContent(json, message);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void WriteContent(Utf8JsonWriter json, SesMessage message)
    {
        json.WriteStartObject("Content"u8);
        json.WriteStartObject("Simple"u8);
        WritePart(json, "Subject", message.Subject);
        json.WriteStartObject("Body"u8);
        WritePart(json, "Text", message.Text);
        if (message.Html is { } html) WritePart(json, "Html", html);
        json.WriteEndObject();
        if (message.IsAutomatic)
        {
            json.WriteStartArray("Headers"u8);
            json.WriteStartObject();
            json.WriteString("Name"u8, MimeMail.AutoSubmitted.Name);
            json.WriteString("Value"u8, MimeMail.AutoSubmitted.Value);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("Data"u8, text);
        json.WriteString("Charset"u8, "UTF-8");
        json.WriteEndObject();
    }
}

/// <summary>A mail as SES makes MIME of it.</summary>
/// <param name="Html">Null where there is the text alone.</param>
internal sealed record SesMessage(
    EmailAddress From, IReadOnlyList<EmailAddress> To, string Subject, string Text, string? Html)
{
    /// <summary>Nobody wrote it: <c>Auto-Submitted</c> says so (RFC 3834 §5).</summary>
    public bool IsAutomatic { get; init; }
}
