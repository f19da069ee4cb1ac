using System.Text.Json;
using Broker.Cryptography;
using Broker.Foundation;
using FluentValidation;

namespace Broker.Releases;

/// <summary><c>intent</c> of the signed form as it came.</summary>
internal sealed record SignedIntentForm(string? AgentId, string? Service, string? ScopePath);

/// <summary><c>auth</c> of the signed form as it came.</summary>
internal sealed record SignedAuthForm(string? Address, string? Signature);

/// <summary>
/// The members of the signed form as they came; null where one is missing, has another type, or is too long.
/// </summary>
internal sealed record SignedForm(string? RequestId, string? IssuedAt, SignedIntentForm? Intent, SignedAuthForm? Auth)
{
    private const int LongestText = 256;

    public static SignedForm Of(JsonElement body) => new(
        Text(body, "request_id"),
        Text(body, "issued_at"),
        Object(body, "intent") is { } intent
            ? new SignedIntentForm(Text(intent, "agent_id"), Text(intent, "service"), Text(intent, "scope_path"))
            : null,
        Object(body, "auth") is { } auth ? new SignedAuthForm(Text(auth, "address"), Text(auth, "signature")) : null);

    /// <summary>An RFC 3339 time or unix seconds; null where the text is neither.</summary>
    public static DateTimeOffset? TimeOf(string? text)
    {
        if (text is null) return null;
        return DecimalDigits.TryRead(text, out var seconds) && seconds <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : Rfc3339.Read(text) is { } time && time != default ? time : null;
    }

    private static JsonElement? Object(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: <= LongestText } text
            ? text
            : null;
}

/// <summary>Names the first member that is wrong. The signature's own form is <c>WalletSignature</c>'s to judge.</summary>
internal sealed class SignedFormValidator : AbstractValidator<SignedForm>
{
    public static readonly SignedFormValidator Instance = new();

    private SignedFormValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleFor(form => form.RequestId).Must(id => id is { Length: > 0 })
            .WithMessage("request_id must be a text of 1 to 256 characters");
        RuleFor(form => form.IssuedAt).Must(issued => SignedForm.TimeOf(issued) is not null)
            .WithMessage("issued_at must be an RFC 3339 time or unix seconds, as a text");
        RuleFor(form => form.Intent).NotNull()
            .WithMessage("intent must be an object with agent_id, service and scope_path");
        RuleFor(form => form.Intent!.AgentId).NotNull().WithMessage(TextWanted("agent_id"));
        RuleFor(form => form.Intent!.Service).NotNull().WithMessage(TextWanted("service"));
        RuleFor(form => form.Intent!.ScopePath).NotNull().WithMessage(TextWanted("scope_path"));
        RuleFor(form => form.Auth).NotNull().WithMessage("auth must be an object with address and signature");
        RuleFor(form => form.Auth!.Address).Must(address => EthereumAddress.TryParse(address, out _))
            .WithMessage("auth.address must be 0x and 40 hex digits");
        RuleFor(form => form.Auth!.Signature).NotNull().WithMessage("auth.signature must be 0x and 130 hex digits");
    }

    private static string TextWanted(string member) => $"intent.{member} must be a text of at most 256 characters";
}
