using Broker.Foundation.Results;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Inbox.Messages;

/// <summary>Why a message is not taken apart. The mail itself is untouched.</summary>
internal static class MessageRefusals
{
    private const string FetchIt =
        "Fetch the object yourself: POST /v1/mint-aws-creds with role data, then s3:GetObject below your own prefix.";

    public static readonly RefusalCode TooLarge = Unprocessable("inbox_message_too_large");
    public static readonly RefusalCode TooComplex = Unprocessable("inbox_message_too_complex");
    public static readonly RefusalCode Unreadable = Unprocessable("inbox_message_unreadable");

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [TooLarge, TooComplex, Unreadable];

    private static RefusalCode Unprocessable(string text) =>
        new(text, "bad_request", Status422UnprocessableEntity, FetchIt, null);
}
