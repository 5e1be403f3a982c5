"""Faults between the machines: the brokers and the plane are killed, frozen, cut off."""
import signal, time

from campaign.daemon_faults import balance, delivered
from campaign.site import Broker, Gateway, Plane, Proxy, Publisher, wait


def broker_faults(result, trials, dice):
    """The plant broker is killed (and forgets), or frozen."""
    for trial in range(trials):
        broker = Broker()
        gateway = Gateway(broker.port)
        gateway.start()
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 10 ** 6, rate=200, seed=trial)
        publisher.start()
        time.sleep(dice.uniform(0.3, 0.8))
        is_killed = trial % 2 == 0
        if is_killed:
            broker.kill()
            time.sleep(dice.uniform(0, 0.5))
            before = time.time()
            broker.start()
        else:
            broker.process.send_signal(signal.SIGSTOP)
            time.sleep(dice.uniform(0.2, 1))
            broker.process.send_signal(signal.SIGCONT)
            before = time.time()
        wait(lambda: (gateway.status() or {"broker": {"connected": False}})["broker"]["connected"], 30)
        # A few frames behind the break tell what is missing before them.
        target = publisher.taken + 30
        wait(lambda: publisher.taken >= target, 30)
        result.recovery.append(time.time() - before)
        publisher.halt.set()
        publisher.join()
        balance(result, gateway, publisher.taken, "killed" if is_killed else "frozen", missing_allowed=is_killed)
        result.trials += 1
        gateway.kill(), broker.kill()


def plane_faults(result, trials, dice):
    """The plane is killed, frozen, its link cut, halved, slowed, while events flow."""
    broker, uplink = Broker(), Broker()
    proxy = Proxy(uplink.port, dice)
    proxy.start()
    plane = Plane(uplink.port)
    gateway = Gateway(broker.port, proxy.port)
    gateway.start()
    publisher = Publisher(broker.port, 10 ** 6, rate=200, seed=7)
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    publisher.start()
    for _ in range(trials):
        time.sleep(dice.uniform(0.05, 0.3))
        fault = dice.choice(["kill", "freeze", "cut", "half", "slow", "bytes", "broker"])
        if fault == "kill":
            plane.kill()
            plane.start()
        elif fault == "freeze":
            plane.process.send_signal(signal.SIGSTOP)
            time.sleep(dice.uniform(0, 0.3))
            plane.process.send_signal(signal.SIGCONT)
        elif fault == "cut":
            proxy.cut()
        elif fault == "broker":
            uplink.kill()
            uplink.start()
        else:
            proxy.mode = fault
            time.sleep(dice.uniform(0, 0.3))
            proxy.mode = "through"
        result.note(fault)
        result.trials += 1
    publisher.halt.set()
    publisher.join()
    balance(result, gateway, publisher.taken, "at the end")
    before = time.time()
    delivered(result, gateway, plane, "at the end", seconds=120)
    result.recovery.append(time.time() - before)
    gateway.kill(), plane.kill(), broker.kill(), uplink.kill()
