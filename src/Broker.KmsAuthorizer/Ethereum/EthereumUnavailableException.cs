namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>
/// The chain gave no usable answer: the node is down, slow, on another chain, behind, or talks nonsense. The message
/// is for the log and holds neither the node's path nor its full answer.
/// </summary>
internal sealed class EthereumUnavailableException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>
    /// True where the same call may work in a moment: the connection, a 5xx, an answer that is not JSON.
    /// </summary>
    public bool IsPassing { get; init; }

    /// <summary>What the node itself said, cut short; for the log at debug level alone.</summary>
    public string? Said { get; init; }
}
