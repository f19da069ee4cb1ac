namespace Broker.Modules;

/// <summary>
/// A port that a feature has to itself, on the address of the process. Only paths under <paramref name="Prefix"/> and
/// <c>/healthz</c> answer there, and such paths answer nowhere else.
/// </summary>
internal sealed record OwnListener(string Name, int Port, string Prefix);
