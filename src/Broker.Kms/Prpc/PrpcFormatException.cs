namespace Broker.Kms.Prpc;

/// <summary>A request's payload cannot be read; the message says why, in words fit for the caller.</summary>
internal sealed class PrpcFormatException(string message) : Exception(message);
