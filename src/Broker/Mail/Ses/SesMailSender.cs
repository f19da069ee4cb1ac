using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.Mail.Ses;

/// <summary>
/// SES v2 <c>SendEmail</c> with simple content (contract §7.3): SES makes the MIME of it, and needs the permission
/// <c>ses:SendEmail</c> alone.
/// </summary>
internal sealed class SesMailSender(SesEdge ses, SesOptions options, MailOptions mail) : IMailSender
{
    private const string Operation = "SendEmail";

    public async Task<Refusal?> SendAsync(OutgoingMail outgoing, CancellationToken stop)
    {
        var reply = await ses.CallAsync(
            new SesCall(Operation, HttpMethod.Post, "/v2/email/outbound-emails") { Body = Write(outgoing) }, stop);
        return reply.Refusal ?? (reply.Value.Error is { } error ? Explain(error) : null);
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

    private byte[] Write(OutgoingMail outgoing)
    {
        var body = new ArrayBufferWriter<byte>(8192);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("FromEmailAddress"u8, mail.From!.ToString());
            json.WriteStartObject("Destination"u8);
            json.WriteStartArray("ToAddresses"u8);
            json.WriteStringValue(outgoing.To.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
            if (options.ConfigurationSet is { } set) json.WriteString("ConfigurationSetName"u8, set);
            if (options.FeedbackAddress is { } feedback)
                json.WriteString("FeedbackForwardingEmailAddress"u8, feedback.ToString());
            WriteContent(json, outgoing);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void WriteContent(Utf8JsonWriter json, OutgoingMail outgoing)
    {
        json.WriteStartObject("Content"u8);
        json.WriteStartObject("Simple"u8);
        WritePart(json, "Subject", outgoing.Subject);
        json.WriteStartObject("Body"u8);
        WritePart(json, "Text", outgoing.Text);
        WritePart(json, "Html", outgoing.Html);
        json.WriteEndObject();
        json.WriteStartArray("Headers"u8);
        json.WriteStartObject();
        json.WriteString("Name"u8, MimeMail.AutoSubmitted.Name);
        json.WriteString("Value"u8, MimeMail.AutoSubmitted.Value);
        json.WriteEndObject();
        json.WriteEndArray();
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
