namespace Broker.LocalCloud.Tests.Support;

/// <summary>Two actors who must not see each other's objects.</summary>
internal static class Actors
{
    public const string Alice = "b00491dad14d0916f68a969b1093ef87edbea404700af53b6d295245a21a6bb6";
    public const string Bob = "ee1e0f200af4eadded5d26171dcd618ad0fbcae3381da1cfd900b9c3fd94a3f9";
}
