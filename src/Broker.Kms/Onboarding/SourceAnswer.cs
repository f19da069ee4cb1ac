using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Kms.Prpc;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary>What a source answered.</summary>
/// <param name="Status">In our words, such as <c>400 Bad Request</c>.</param>
/// <param name="Succeeded">Whether the status is 2xx.</param>
/// <param name="Body">The body, at most <see cref="SourceConnection.MaxAnswerBytes"/>.</param>
internal sealed record SourceAnswer(string Status, bool Succeeded, byte[] Body)
{
    /// <summary>
    /// Reads a success as a message. A failure is a refusal that names the status, and what the source refused in the
    /// words that we know; its other words stay behind.
    /// </summary>
    public Result<T> Read<T>()
        where T : class, IMessage, new()
    {
        if (!Succeeded)
        {
            var known = SourceRefusal.Known(Body) ?? "(see the log and the ledger of the source)";
            return new Refusal(
                OnboardingRefusals.RefusedBySource, $"Request failed with status={Status}, error={known}");
        }

        try
        {
            var message = new T();
            PrpcJson.Read(Body, message);
            return message;
        }
        catch (PrpcFormatException)
        {
            return new Refusal(
                OnboardingRefusals.SourceUnavailable, $"the source's answer is not a {typeof(T).Name}");
        }
    }

    /// <summary>
    /// For the log at debug level only: a failure in the source's own words. A success holds keys and is not shown.
    /// </summary>
    public string Excerpt() => Succeeded ? $"{Body.Length} bytes" : ForeignText.Excerpt(Body);
}
