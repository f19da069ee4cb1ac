namespace Broker.Attestation.Collateral;

/// <summary>
/// No usable collateral could be had: a service that does not answer or answers wrongly, a file that is not there.
/// Says nothing about the quote; whoever asked may ask again later.
/// </summary>
public sealed class CollateralUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
